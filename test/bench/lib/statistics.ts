/** The value below which a share of the values lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  const place = (sorted.length - 1) * share;
  const [below, above] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  if (below === undefined || above === undefined) throw new RangeError('no values');
  return below + (above - below) * (place % 1);
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** The values of the same round, one divided by the other. */
export function quotients(values: readonly number[], floors: readonly number[]): number[] {
  return pairs(values, floors).map(([value, floor]) => value / floor);
}

/** The values of the same round, one less the other. */
export function differences(values: readonly number[], floors: readonly number[]): number[] {
  return pairs(values, floors).map(([value, floor]) => value - floor);
}

function pairs(values: readonly number[], floors: readonly number[]): [number, number][] {
  if (values.length !== floors.length) throw new RangeError('a round is incomplete');
  return values.map((value, round) => [value, floors[round] ?? NaN]);
}
