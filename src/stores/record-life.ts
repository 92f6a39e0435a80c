import type { SharedState } from './record.js';

/** What is expired may still tell: a row of failures, or of refused tokens, goes on where it was. */
const afterlifeMs = 600_000;

/** How long a record is of use, for a store that forgets. */
export function lifeMs({ token, failure, spacing }: SharedState, now: number): number {
  const lastOfUse = Math.max(
    now,
    token?.expiresAt ?? 0,
    failure?.retryAt ?? 0,
    // A refusal within twice the wait makes the next wait longer.
    spacing ? spacing.refreshedAt + 2 * spacing.waitMs : 0,
  );
  return Math.ceil(lastOfUse - now) + afterlifeMs;
}
