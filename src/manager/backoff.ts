import { isUnexpired, usableUntil, type Token } from '../base/token.js';

const firstDelayMs = 1_000;
const longestDelayMs = 60_000;

/**
 * Returns how long to wait after a number of failed attempts in a row: 1 s, doubling, 60 s at most, less up to
 * a fifth at random, so that processes without a common store do not retry at the same time.
 */
export function backoffMs(failures: number, random: number = Math.random()): number {
  const delayMs = Math.min(longestDelayMs, firstDelayMs * 2 ** (failures - 1));
  return Math.round(delayMs * (1 - random / 5));
}

/**
 * Returns how long to wait after a failure before the next attempt: the back-off, but no longer than until the
 * token held stops being used, and once more until it expires.
 */
export function attemptWaitMs(failedAt: number, failures: number, held: Token | undefined): number {
  const waitMs = backoffMs(failures);
  if (!held || !isUnexpired(held, failedAt)) return waitMs;
  const turn = usableUntil(held);
  // Whole milliseconds: a part of one would be an attempt of its own.
  return Math.min(waitMs, Math.ceil((turn > failedAt ? turn : held.expiresAt) - failedAt));
}
