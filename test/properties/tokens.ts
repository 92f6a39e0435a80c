import fc from 'fast-check';
import type { Token } from '../../src/base/token.js';

const dayMs = 86_400_000;

/** A token obtained at an instant. */
export function living(obtainedAt: number, lifetimeMs: number): Token {
  return {
    accessToken: 'a-token',
    tokenType: 'bearer',
    obtainedAt,
    expiresAt: obtainedAt + lifetimeMs,
  };
}

/** Lifetimes from a millisecond to 60 days. */
export const lifetime = fc.oneof(
  fc.constantFrom(1, 2, 9, 10, 999, 1_000, 9_999, 10_000, 10_001, 1_199_999, 1_200_000, 60 * dayMs),
  fc.integer({ min: 1, max: 60_000 }),
  fc.integer({ min: 1, max: 60 * dayMs }),
);

/** Instants at the edges of what clocks show, until the year 9999. */
export const instant = fc.oneof(
  fc.constantFrom(0, 1, -1, -dayMs, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 253_402_300_799_999),
  fc.integer({ min: 1_600_000_000_000, max: 4_000_000_000_000 }),
);

/** Tokens of any lifetime at any time. */
export const tokenAnywhere = fc.tuple(instant, lifetime).map(([at, ms]) => living(at, ms));
