import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readRetryAfter } from '../../src/tt/token-reply.js';
import { httpDates, instantsAround, retryAfterText } from './retry-after.js';
import { runs } from './runs.js';

const now = 1_700_000_000_500;
const dayMs = 86_400_000;

beforeEach(() => {
  vi.stubEnv('TZ', 'America/New_York');
  vi.useFakeTimers({ now, toFake: ['Date'] });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

describe('the time that a Retry-After asks to wait', () => {
  it('is that of the date, in any of its forms, a day at the most', () => {
    const property = (at: number): void => {
      const waitMs = Math.floor(at / 1_000) * 1_000 - now;
      const expected = waitMs > 0 ? Math.min(waitMs, dayMs) : undefined;
      for (const header of httpDates(at)) {
        expect(readRetryAfter(header)).toBe(expected);
        expect(readRetryAfter(`\t${header} `)).toBe(expected);
      }
    };
    fc.assert(fc.property(instantsAround(now), property), runs(1_000));
  });

  it('is that of the number of seconds, a day at the most', () => {
    const property = (seconds: number): void => {
      const expected = seconds > 0 ? Math.min(seconds * 1_000, dayMs) : undefined;
      expect(readRetryAfter(String(seconds))).toBe(expected);
    };
    const number = fc.oneof(fc.integer(), fc.maxSafeInteger(), fc.integer({ min: 0, max: 90_000 }));
    fc.assert(fc.property(number, property), runs(1_000));
  });

  it('is a day at the most, or none, for anything else', () => {
    const property = (header: string | null): void => {
      const waitMs = readRetryAfter(header);
      if (waitMs !== undefined) expect(waitMs > 0 && waitMs <= dayMs).toBe(true);
    };
    fc.assert(fc.property(retryAfterText(now), property), runs(1_000));
  });
});
