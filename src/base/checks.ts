/*
 * Checks of single options: a TypeError or RangeError names the option and shows nothing of its value.
 */

const longestTimerMs = 2 ** 31 - 1;

/** A text that is not empty. */
export function text(name: string, value: unknown): string {
  if (typeof value !== 'string') throw new TypeError(`${name} must be a string`);
  if (value === '') throw new RangeError(`${name} must not be empty`);
  return value;
}

/** A text that can stand in a header as it is. */
export function headerText(name: string, value: unknown): string {
  const checked = text(name, value);
  if (!/^[\x21-\x7e]+$/.test(checked)) {
    throw new RangeError(`${name} must hold printable ASCII without spaces`);
  }
  return checked;
}

/**
 * Checks a file path.
 * @throws TypeError or RangeError naming the option.
 */
export function checkPath(name: string, value: unknown): string {
  const path = text(name, value);
  if (path.includes('\0')) throw new RangeError(`${name} must not contain a NUL character`);
  if (/^~[^/\\]+[/\\]/.test(path)) {
    throw new RangeError(`${name} must not begin with another user's home: only ~/ is known`);
  }
  return path;
}

/** A time that a timer can take. */
export function milliseconds(name: string, value: unknown, least: number): number {
  if (typeof value !== 'number') throw new TypeError(`${name} must be a number of milliseconds`);
  if (!(value >= least && value <= longestTimerMs)) {
    throw new RangeError(`${name} must be between ${least} and ${longestTimerMs} milliseconds`);
  }
  return value;
}

/** True or false. */
export function flag(name: string, value: unknown): boolean {
  if (typeof value !== 'boolean') throw new TypeError(`${name} must be true or false`);
  return value;
}

/** A function. */
export function callable(name: string, value: unknown): typeof fetch {
  if (typeof value !== 'function') throw new TypeError(`${name} must be a function`);
  return value as typeof fetch;
}
