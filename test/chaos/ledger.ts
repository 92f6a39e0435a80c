import type { Failure } from './fleet.js';

/** A token that the fleet has had, in epoch ms by the real clock. */
interface KnownToken {
  readonly obtainedAt: number;
  readonly expiresAt: number;
  revokedAt: number;
}

/** Knows which tokens there were, and so which calls had to succeed. */
export interface Ledger {
  /** Notes a token that was fetched. */
  add(obtainedAt: number, expiresAt: number): void;
  /** Notes that the API refuses all tokens of now. */
  revokeAll(): void;
  /** Whether the newest token is known to all, and its renewal not near. */
  isCalm(): boolean;
  /** Whether a good token was known to all for the whole of a failed call. */
  hadToken(failure: Failure): boolean;
}

/** The time in which a token reaches all processes. */
const spreadMs = 1_500;

/** Creates an empty {@link Ledger}. */
export function createLedger(): Ledger {
  const tokens: KnownToken[] = [];
  return {
    add: (obtainedAt, expiresAt) =>
      void tokens.push({ obtainedAt, expiresAt, revokedAt: Infinity }),
    revokeAll() {
      for (const token of tokens) token.revokedAt = Math.min(token.revokedAt, Date.now());
    },
    isCalm() {
      const now = Date.now();
      const good = tokens.filter(
        ({ expiresAt, revokedAt }) => now < Math.min(expiresAt, revokedAt),
      );
      const newest = good.pop();
      if (!newest) return false;
      const halfLifeMs = (newest.expiresAt - newest.obtainedAt) / 2;
      const ageMs = now - newest.obtainedAt;
      // Who holds an older one looks for a newer when half its life is over.
      const isSpread = good.every(
        ({ obtainedAt, expiresAt }) => now > (obtainedAt + expiresAt) / 2 + 100,
      );
      return isSpread && ageMs >= Math.min(400, halfLifeMs / 3) && ageMs <= 0.8 * halfLifeMs;
    },
    hadToken: ({ startedAt, endedAt }) =>
      tokens.some(
        ({ obtainedAt, expiresAt, revokedAt }) =>
          obtainedAt + spreadMs <= startedAt && endedAt < Math.min(expiresAt, revokedAt),
      ),
  };
}
