import type { Failure } from './fleet.js';

/** A token that the fleet has had, in epoch ms by the clock of who fetched it. */
interface KnownToken {
  /** By the real clock. */
  readonly knownAt: number;
  readonly obtainedAt: number;
  readonly expiresAt: number;
  revokedAt: number;
}

/** Knows which tokens there were, and so which calls had to succeed. */
export interface Ledger {
  /** Notes a token that was fetched just now. */
  add(obtainedAt: number, expiresAt: number): void;
  /** Notes that the API refuses all tokens of now. */
  revokeAll(): void;
  /** Forgets all tokens but the newest, as not every process has had them. */
  keepNewest(): void;
  /** When the newest good token was obtained, if its renewal is not near. */
  youngToken(): number | undefined;
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
      void tokens.push({ knownAt: Date.now(), obtainedAt, expiresAt, revokedAt: Infinity }),
    revokeAll() {
      for (const token of tokens) token.revokedAt = Math.min(token.revokedAt, Date.now());
    },
    keepNewest: () => void tokens.splice(0, tokens.length - 1),
    youngToken() {
      const now = Date.now();
      const newest = tokens.findLast((token) => now < Math.min(token.expiresAt, token.revokedAt));
      if (!newest) return undefined;
      const { obtainedAt, expiresAt } = newest;
      return now - obtainedAt < 0.3 * (expiresAt - obtainedAt) ? obtainedAt : undefined;
    },
    hadToken: ({ startedAt, endedAt }) =>
      tokens.some(
        ({ knownAt, expiresAt, revokedAt }) =>
          knownAt + spreadMs <= startedAt && endedAt < Math.min(expiresAt, revokedAt),
      ),
  };
}
