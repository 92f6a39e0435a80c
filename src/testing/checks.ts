/* Checks of what base/checks does not know: a TypeError or RangeError names the option. */

/** A number within its limits. */
export function number(name: string, value: unknown, least: number, most: number): number {
  if (typeof value !== 'number') throw new TypeError(`${name} must be a number`);
  if (!(value >= least && value <= most)) {
    throw new RangeError(`${name} must be between ${least} and ${most}`);
  }
  return value;
}

/** A whole number within its limits; without an upper one, Infinity too. */
export function wholeNumber(name: string, value: unknown, least: number, most = Infinity): number {
  const checked = number(name, value, least, most);
  if (checked !== Infinity && !Number.isInteger(checked)) {
    throw new RangeError(`${name} must be a whole number`);
  }
  return checked;
}

/** One of several values. */
export function oneOf<T>(name: string, value: unknown, allowed: readonly T[]): T {
  const found = allowed.find((candidate) => candidate === value);
  if (found === undefined) throw new RangeError(`${name} must be one of ${allowed.join(', ')}`);
  return found;
}

/** The path of a URL, without its query. */
export function urlPath(name: string, value: unknown): string {
  if (typeof value !== 'string') throw new TypeError(`${name} must be a string`);
  if (!/^\/[^?#]*$/.test(value)) {
    throw new RangeError(`${name} must be a path that starts with / and has no query`);
  }
  return value;
}
