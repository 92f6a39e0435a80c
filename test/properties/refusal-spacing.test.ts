import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mayRefreshRefused, spacingAfterRefresh } from '../../src/manager/refusal-spacing.js';
import type { RefusalSpacing } from '../../src/records/record.js';
import { runs } from './runs.js';
import { instant } from './tokens.js';

const wait = fc.oneof(
  fc.constantFrom(1, 1_000, 2_000, 512_000, 600_000),
  fc.integer({ min: 1, max: 600_000 }),
);
const spacing = fc.record({ refreshedAt: instant, waitMs: wait });

/** Milliseconds between two refusals: a burst, about as long as a wait, or for ever. */
const pauseMs = fc.oneof(
  fc.constantFrom(0, 1, 999, 1_000, 1_001, 2_000, 600_000, 600_001, 1_200_000),
  fc.integer({ min: 0, max: 5_000 }),
  fc.integer({ min: 0, max: 2_000_000 }),
);

/** Refusals that follow one another, every refresh bringing a token that stands until the next. */
function refusedAt(
  startsAt: number,
  pauses: readonly number[],
): { at: number; spacing: RefusalSpacing; unrefusedMs: number }[] {
  const refreshes: { at: number; spacing: RefusalSpacing; unrefusedMs: number }[] = [];
  let known: RefusalSpacing | undefined;
  let unrefusedSince = startsAt;
  let now = startsAt;
  for (const pause of pauses) {
    now += pause;
    const agoMs = now - (known?.refreshedAt ?? now);
    if (mayRefreshRefused(known, agoMs)) {
      known = spacingAfterRefresh(known, agoMs, now, now - unrefusedSince);
      refreshes.push({ at: now, spacing: known, unrefusedMs: now - unrefusedSince });
    }
    unrefusedSince = now;
  }
  return refreshes;
}

describe('refreshes that refusals cause', () => {
  it('are as far apart as the wait says, which doubles until a token has stood that long', () => {
    const property = (startsAt: number, pauses: readonly number[]): void => {
      const refreshes = refusedAt(startsAt, pauses);
      expect(refreshes.length > 0).toBe(pauses.length > 0);
      refreshes.forEach(({ at, spacing: { refreshedAt, waitMs }, unrefusedMs }, index) => {
        expect(refreshedAt).toBe(at);
        const before = refreshes[index - 1];
        if (!before) {
          expect([at, waitMs]).toEqual([startsAt + (pauses[0] ?? 0), 1_000]);
          return;
        }
        const passedMs = at - before.at;
        expect(passedMs).toBeGreaterThanOrEqual(before.spacing.waitMs);
        const hasStood =
          unrefusedMs >= before.spacing.waitMs || passedMs >= 2 * before.spacing.waitMs;
        expect(waitMs).toBe(hasStood ? 1_000 : Math.min(600_000, 2 * before.spacing.waitMs));
      });
    };
    fc.assert(fc.property(instant, fc.array(pauseMs, { maxLength: 60 }), property), runs(1_000));
  });

  it('stay below a bound while every token is refused at once', () => {
    const property = (startsAt: number, everyMs: number, hours: number): void => {
      const durationMs = hours * 3_600_000;
      const count = Math.floor(durationMs / everyMs);
      const refreshes = refusedAt(
        startsAt,
        Array.from({ length: count }, () => everyMs),
      );
      // 1 s, 2 s ... 512 s, and then one every 10 minutes.
      expect(refreshes.length).toBeLessThanOrEqual(11 + durationMs / 600_000);
    };
    const every = fc.integer({ min: 100, max: 999 });
    fc.assert(fc.property(instant, every, fc.integer({ min: 1, max: 6 }), property), runs(30));
  });

  it('may come when the wait is over, not before', () => {
    const property = (known: RefusalSpacing, agoMs: number): void => {
      expect(mayRefreshRefused(known, agoMs)).toBe(agoMs >= known.waitMs);
    };
    fc.assert(fc.property(spacing, fc.nat(1_300_000), property), runs(2_000));
  });

  it('always leave a wait between 1 s and 10 minutes that a record may hold', () => {
    const property = (
      known: RefusalSpacing | undefined,
      now: number,
      agoMs: number,
      stoodMs: number,
    ): void => {
      const { refreshedAt, waitMs } = spacingAfterRefresh(known, agoMs, now, stoodMs);
      expect(refreshedAt).toBe(now);
      expect(waitMs > 0 && waitMs <= 600_000).toBe(true);
      expect(mayRefreshRefused({ refreshedAt, waitMs }, 0)).toBe(false);
      expect(mayRefreshRefused({ refreshedAt, waitMs }, waitMs)).toBe(true);
    };
    const maybe = fc.option(spacing, { nil: undefined });
    fc.assert(fc.property(maybe, instant, fc.nat(), fc.nat(), property), runs(1_000));
  });
});
