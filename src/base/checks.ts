/*
 * Checks of single options: a TypeError or RangeError names the option and shows nothing of its value.
 */

import { isAbsolute } from 'node:path';
import { workingDirectory } from './working-directory.js';

const longestTimerMs = 2 ** 31 - 1;
const controlNames = new Map([
  ['\0', 'a NUL character'],
  ['\n', 'a line break'],
  ['\t', 'a tab'],
]);

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
  const control = /\p{Cc}/u.exec(path)?.[0];
  if (control !== undefined) {
    const what = controlNames.get(control) ?? 'a control character';
    throw new RangeError(`${name} must not contain ${what}: use no double quotes around a path`);
  }
  if (/^~[^/\\]+[/\\]/.test(path)) {
    throw new RangeError(`${name} must not begin with another user's home: only ~/ is known`);
  }
  if (!isAbsolute(path) && !path.startsWith('~') && workingDirectory() === undefined) {
    throw new RangeError(`${name} must be absolute: the working directory has been removed`);
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

/**
 * Checks that an options object has no unknown names of its own: a misspelt one would be ignored in silence.
 * @throws TypeError naming the option, unless the name is so odd that it may be a misplaced secret.
 */
export function knownNames(options: object | undefined, known: readonly string[]): void {
  for (const name of Object.keys(options ?? {})) {
    if (known.includes(name)) continue;
    if (!/^[a-z_$][\w$]{0,39}$/i.test(name)) throw new TypeError('options hold an unknown name');
    const nearest = known.find((candidate) => isNear(name.toLowerCase(), candidate.toLowerCase()));
    const hint = nearest ? `did you mean ${nearest}?` : `known are ${known.join(', ')}`;
    throw new TypeError(`unknown option ${name}: ${hint}`);
  }
}

/** Returns whether one text becomes the other by changing one stretch of at most two characters. */
export function isNear(one: string, other: string): boolean {
  const longer = Math.max(one.length, other.length);
  let start = 0;
  while (start < longer && one[start] === other[start]) start++;
  let end = 0;
  while (end < longer - start && one.at(-1 - end) === other.at(-1 - end)) end++;
  return longer - start - end <= 2;
}
