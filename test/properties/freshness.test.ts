import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ageingAt, isUnexpired, isUsable, usableUntil, type Token } from '../../src/base/token.js';
import { runs } from './runs.js';
import { living, tokenAnywhere } from './tokens.js';

const buffer = fc.oneof(
  fc.constantFrom(0, 1, 999, 1_000, 600_000, 2 ** 31 - 1),
  fc.integer({ min: 0, max: 2 ** 31 - 1 }),
);

/** An instant near one of a token's turns, or anywhere. */
function instantNear({ obtainedAt, expiresAt }: Token): fc.Arbitrary<number> {
  const lifetimeMs = expiresAt - obtainedAt;
  const turns = [obtainedAt, obtainedAt + lifetimeMs / 2, expiresAt - lifetimeMs / 10, expiresAt];
  return fc.oneof(
    fc
      .tuple(fc.constantFrom(...turns, expiresAt - 1_000), fc.integer({ min: -2, max: 2 }))
      .map(([turn, ms]) => turn + ms),
    fc.constantFrom(0, -1, 2 ** 31, 2 ** 31 - 1, -(2 ** 31), Number.MAX_SAFE_INTEGER),
    fc.maxSafeInteger(),
  );
}

const scene = tokenAnywhere.chain((token) => fc.tuple(fc.constant(token), instantNear(token)));

describe('a token', () => {
  it('is never handed out once it has expired, nor earlier than it was usable', () => {
    const property = ([token, now]: [Token, number]): void => {
      if (isUsable(token, now)) expect(isUnexpired(token, now)).toBe(true);
      expect(isUnexpired(token, now)).toBe(now < token.expiresAt);
      const restMs = token.expiresAt - now;
      const isTooNear = restMs < Math.min(1_000, (token.expiresAt - token.obtainedAt) / 10);
      // Of a fraction of a millisecond the last bits are rounded.
      const isExact = Number.isInteger(usableUntil(token));
      if (isExact || Math.abs(now - usableUntil(token)) > 0.05) {
        expect(isUsable(token, now)).toBe(!isTooNear);
      }
    };
    fc.assert(fc.property(scene, property), runs(3_000));
  });

  it('starts to age in the second half of its life, and no earlier than the buffer says', () => {
    const property = (token: Token, bufferMs: number): void => {
      const { obtainedAt, expiresAt } = token;
      const startsAgeing = ageingAt(token, bufferMs);
      expect(startsAgeing).toBeGreaterThanOrEqual(obtainedAt + (expiresAt - obtainedAt) / 2);
      expect(startsAgeing).toBeGreaterThanOrEqual(expiresAt - bufferMs);
      expect(startsAgeing).toBeLessThanOrEqual(expiresAt);
      const isLong = expiresAt - obtainedAt >= 2 * bufferMs;
      if (isLong) expect(startsAgeing).toBe(expiresAt - bufferMs);
    };
    fc.assert(fc.property(tokenAnywhere, buffer, property), runs(2_000));
  });

  it('is usable for most of its life, from its first millisecond on', () => {
    const property = (token: Token): void => {
      const { obtainedAt, expiresAt } = token;
      expect(isUsable(token, obtainedAt)).toBe(true);
      expect(usableUntil(token)).toBeLessThan(expiresAt);
      expect(usableUntil(token)).toBeGreaterThan(obtainedAt + (expiresAt - obtainedAt) * 0.8);
      expect(expiresAt - usableUntil(token)).toBeLessThanOrEqual(1_000);
    };
    fc.assert(fc.property(tokenAnywhere, property), runs(2_000));
  });

  it('of any life turns once from fresh to ageing to expired while time goes on', () => {
    const property = (lifetimeMs: number, bufferMs: number, steps: readonly number[]): void => {
      const token = living(0, lifetimeMs);
      const stages = steps
        .toSorted((one, other) => one - other)
        .map((part) => part * lifetimeMs * 1.1)
        .map((now) => {
          if (!isUnexpired(token, now)) return 3;
          if (!isUsable(token, now)) return 2;
          return now < ageingAt(token, bufferMs) ? 0 : 1;
        });
      expect(stages).toEqual(stages.toSorted());
    };
    const part = fc.double({ min: 0, max: 1, noNaN: true });
    const lifetime = fc.oneof(
      fc.constantFrom(1, 2, 10, 1_000),
      fc.integer({ min: 1, max: 2 ** 33 }),
    );
    fc.assert(fc.property(lifetime, buffer, fc.array(part), property), runs(1_000));
  });
});
