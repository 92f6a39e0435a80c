import { median, quantile } from './statistics.ts';

export function fixed(value: number, digits = 0): string {
  return value.toLocaleString('en-US', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

/** With its sign. */
export function added(value: number, digits = 0): string {
  return value < 0 ? `-${fixed(-value, digits)}` : `+${fixed(value, digits)}`;
}

export function ratio(value: number): string {
  return `${fixed(value, 2)}x`;
}

/** `1.10x (1.08-1.13)`: the median, and the middle half around it. */
export function ratioSpread(values: readonly number[]): string {
  const [low, high] = [quantile(values, 0.25), quantile(values, 0.75)];
  return `${ratio(median(values))} (${fixed(low, 2)}-${fixed(high, 2)})`;
}

/** `120 (110-180)`: the median, the least and the most. */
export function spread(values: readonly number[]): string {
  return `${fixed(median(values))} (${fixed(Math.min(...values))}-${fixed(Math.max(...values))})`;
}

/** A count that should be the same in every round: `1`, or `1-3` where it was not. */
export function counts(values: readonly number[]): string {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return low === high ? fixed(low) : `${fixed(low)}-${fixed(high)}`;
}

/** `1 package`, `2-3 packages`. */
export function counted(values: readonly number[], noun: string): string {
  const number = counts(values);
  return `${number} ${noun}${number === '1' ? '' : 's'}`;
}
