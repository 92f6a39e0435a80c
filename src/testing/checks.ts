/** The longest delay that a Node timer can wait, in milliseconds. */
const LONGEST_TIMER_MS = 2_147_483_647;

export function checkNumber(name: string, value: unknown, min: number, max: number): number {
  if (typeof value !== 'number') throw new TypeError(`${name} must be a number`);
  if (!(value >= min && value <= max)) {
    throw new RangeError(`${name} must be between ${min} and ${max}`);
  }
  return value;
}

export function checkDelay(name: string, value: unknown): number {
  return checkNumber(name, value, 0, LONGEST_TIMER_MS);
}

export function checkCount(name: string, value: unknown, min: number): number {
  const count = checkNumber(name, value, min, Infinity);
  if (count !== Infinity && !Number.isInteger(count)) {
    throw new RangeError(`${name} must be a whole number or Infinity`);
  }
  return count;
}

export function checkStatus(name: string, value: unknown): number {
  const status = checkNumber(name, value, 200, 599);
  if (!Number.isInteger(status)) throw new RangeError(`${name} must be a whole number`);
  return status;
}

export function checkBoolean(name: string, value: unknown): boolean {
  if (typeof value !== 'boolean') throw new TypeError(`${name} must be a boolean`);
  return value;
}

export function checkOneOf<T extends string | number>(
  name: string,
  value: unknown,
  allowed: readonly T[],
): T {
  const found = allowed.find((candidate) => candidate === value);
  if (found === undefined) throw new RangeError(`${name} must be one of ${allowed.join(', ')}`);
  return found;
}

export function checkText(name: string, value: unknown): string {
  if (typeof value !== 'string') throw new TypeError(`${name} must be a string`);
  return value;
}

export function checkPath(name: string, value: unknown): string {
  const path = checkText(name, value);
  if (!/^\/[^?#]*$/.test(path)) {
    throw new RangeError(`${name} must be a path that starts with / and has no query`);
  }
  return path;
}

/** A key or a bare secret: visible ASCII without the colon that joins the two; never shown. */
export function checkCredential(name: string, value: unknown): string {
  const text = checkText(name, value);
  if (!/^[!-9;-~]+$/.test(text)) {
    throw new RangeError(`${name} must be visible ASCII characters without a colon`);
  }
  return text;
}
