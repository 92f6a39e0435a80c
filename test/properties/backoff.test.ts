import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { backoffMs, attemptWaitMs } from '../../src/manager/backoff.js';
import { isUnexpired, usableUntil } from '../../src/base/token.js';
import { runs } from './runs.js';
import { instant, lifetime, living } from './tokens.js';

afterEach(() => void vi.restoreAllMocks());

const failures = fc.oneof(
  fc.integer({ min: 1, max: 12 }),
  fc.constantFrom(1_000, 1_024, 1_025, 1_000_000, 2 ** 31, Number.MAX_SAFE_INTEGER),
  fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
);
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('the back-off', () => {
  it('is 1 s, 2 s, 4 s ... 60 s, or up to a fifth less, after any number of failures', () => {
    const property = (count: number, chance: number): void => {
      const longest = [1, 2, 4, 8, 16, 32][count - 1] ?? 60;
      const restMs = backoffMs(count, chance);
      expect(restMs).toBeGreaterThanOrEqual(longest * 800);
      expect(restMs).toBeLessThanOrEqual(longest * 1_000);
      expect(Number.isInteger(restMs)).toBe(true);
    };
    fc.assert(fc.property(failures, random, property), runs(1_000));
  });

  it('grows with the failures, for the same chance', () => {
    const property = (count: number, more: number, chance: number): void => {
      expect(backoffMs(count + more, chance)).toBeGreaterThanOrEqual(backoffMs(count, chance));
    };
    fc.assert(fc.property(failures, fc.nat(10), random, property), runs(500));
  });
});

describe('the next attempt', () => {
  const held = fc.tuple(instant, lifetime).chain(([obtainedAt, lifetimeMs]) =>
    fc.tuple(
      fc.constant(living(obtainedAt, lifetimeMs)),
      // While it lives, after it, and before it where the clock was set back.
      fc.oneof(
        fc.integer({ min: obtainedAt, max: obtainedAt + lifetimeMs + 100_000 }),
        fc.integer({ min: -100, max: 5_000 }).map((ms) => obtainedAt + lifetimeMs - ms),
        fc.integer({ min: obtainedAt - 86_400_000, max: obtainedAt }),
      ),
    ),
  );

  it('comes later than the failure, no later than the back-off, and no later than a turn of the token', () => {
    const property = (
      [token, failedAt]: [ReturnType<typeof living>, number],
      count: number,
      chance: number,
    ): void => {
      vi.spyOn(Math, 'random').mockReturnValue(chance);
      const waitMs = attemptWaitMs(failedAt, count, token);
      const restMs = backoffMs(count, chance);
      const turns = [usableUntil(token), token.expiresAt].map((turn) => Math.ceil(turn - failedAt));
      expect(waitMs).toBeGreaterThan(0);
      expect(waitMs).toBeLessThanOrEqual(restMs);
      expect(attemptWaitMs(failedAt, count, undefined)).toBe(restMs);
      for (const turn of turns) if (turn > 0) expect(waitMs).toBeLessThanOrEqual(turn);
      if (waitMs < restMs) expect(turns).toContain(waitMs);
      if (!isUnexpired(token, failedAt)) expect(waitMs).toBe(restMs);
    };
    fc.assert(fc.property(held, failures, random, property), runs(2_000));
  });

  it('repeated while everything fails makes two attempts at the most beyond those of the back-off', () => {
    const property = (
      [token, startsAt]: [ReturnType<typeof living>, number],
      chance: number,
    ): void => {
      vi.spyOn(Math, 'random').mockReturnValue(chance);
      const endsAt = Math.max(startsAt, token.expiresAt) + 10 * 60_000;
      const count = (attempt: (failedAt: number, failed: number) => number): number => {
        let attempts = 0;
        for (let at = startsAt; at < endsAt && attempts < 20_000; at = attempt(at, attempts))
          attempts++;
        return attempts;
      };
      const plain = count((at, failed) => at + backoffMs(failed, chance));
      const made = count((at, failed) => at + attemptWaitMs(at, failed, token));
      expect(made).toBeLessThanOrEqual(plain + 2);
    };
    const near = held.filter(([token, at]) => Math.abs(token.expiresAt - at) < 86_400_000);
    fc.assert(fc.property(near, random, property), runs(200));
  });
});
