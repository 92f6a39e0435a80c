import { describe, expect, it } from 'vitest';
import { mayRefreshRefused, spacingAfterRefresh } from '../../src/manager/refusal-spacing.js';

const now = 1_700_000_000_000;

describe('the spacing of refreshes caused by refusals', () => {
  it('lets the first come at once', () => {
    expect(mayRefreshRefused(undefined, 0)).toBe(true);
    expect(spacingAfterRefresh(undefined, 0, now, 0)).toEqual({ refreshedAt: now, waitMs: 1_000 });
  });

  it('lets the next come when its wait is over, not before', () => {
    const spacing = { refreshedAt: now, waitMs: 4_000 };
    expect(mayRefreshRefused(spacing, 0)).toBe(false);
    expect(mayRefreshRefused(spacing, 3_999)).toBe(false);
    expect(mayRefreshRefused(spacing, 4_000)).toBe(true);
  });

  it('doubles from 1 s up to 10 minutes while every token is refused', () => {
    const waitsMs: number[] = [];
    let spacing = spacingAfterRefresh(undefined, 0, now, 50_000_000);
    for (let refreshes = 0; refreshes < 12; refreshes++) {
      waitsMs.push(spacing.waitMs);
      const refusedAt = spacing.refreshedAt + spacing.waitMs;
      spacing = spacingAfterRefresh(spacing, spacing.waitMs, refusedAt, 1);
    }
    const seconds = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600];
    expect(waitsMs).toEqual(seconds.map((wait) => wait * 1_000));
  });

  it.each([
    ['as long as the wait', 4_000, 1_000],
    ['longer', 5_000, 1_000],
    ['a little less', 3_999, 8_000],
  ])('after a token stood unrefused here for %s (%i ms) is %i ms', (_, stoodMs, waitMs) => {
    const spacing = { refreshedAt: now - 4_500, waitMs: 4_000 };
    expect(spacingAfterRefresh(spacing, 4_500, now, stoodMs)).toEqual({ refreshedAt: now, waitMs });
  });

  it.each([
    ['as long as the wait', 8_000, 1_000],
    ['a little less', 7_999, 8_000],
  ])('after no process refreshed for %s beyond it (%i ms in all) is %i ms', (_, ago, waitMs) => {
    const spacing = { refreshedAt: now - ago, waitMs: 4_000 };
    expect(spacingAfterRefresh(spacing, ago, now, 0)).toEqual({ refreshedAt: now, waitMs });
  });
});
