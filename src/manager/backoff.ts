import { isUnexpired, usableUntil, type Token } from '../base/token.js';

const firstDelayMs = 1_000;
const longestDelayMs = 60_000;

/**
 * How long to rest after so many failed attempts in a row: 1 s, doubling, 60 s at the most, and up to
 * a fifth less, so that processes without a common store do not march in step.
 */
export function backoffMs(failures: number, random: number = Math.random()): number {
  const delayMs = Math.min(longestDelayMs, firstDelayMs * 2 ** (failures - 1));
  return Math.round(delayMs * (1 - random / 5));
}

/**
 * When the next attempt is due: after the back-off, but no later than the moment the token held stops
 * being handed out (an attempt is due at once then), and again at its very expiry.
 */
export function nextAttemptAt(failedAt: number, failures: number, held: Token | undefined): number {
  const restedAt = failedAt + backoffMs(failures);
  if (!held || !isUnexpired(held, failedAt)) return restedAt;
  const turn = usableUntil(held);
  return Math.min(restedAt, turn > failedAt ? turn : held.expiresAt);
}
