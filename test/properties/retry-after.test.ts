import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readRetryAfter } from '../../src/tt/retry-after.js';
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
        expect(readRetryAfter(header, null)).toBe(expected);
        expect(readRetryAfter(`\t${header} `, null)).toBe(expected);
      }
    };
    fc.assert(fc.property(instantsAround(now), property), runs(1_000));
  });

  it('is that from the Date of the reply to the date, whatever our clock', () => {
    const property = (sentAt: number, at: number): void => {
      const waitMs = (Math.floor(at / 1_000) - Math.floor(sentAt / 1_000)) * 1_000;
      const expected = waitMs > 0 ? Math.min(waitMs, dayMs) : undefined;
      const date = new Date(sentAt).toUTCString();
      expect(readRetryAfter(new Date(at).toUTCString(), date)).toBe(expected);
    };
    fc.assert(fc.property(instantsAround(now), instantsAround(now), property), runs(1_000));
  });

  it('is the longest of two values in one header', () => {
    const value = fc.oneof(fc.constantFrom(...httpDates(now + 90_000)), fc.nat().map(String));
    const property = (one: string, other: string): void => {
      const waits = [one, other].map((header) => readRetryAfter(header, null) ?? 0);
      expect(readRetryAfter(`${one}, ${other}`, null) ?? 0).toBe(Math.max(...waits));
    };
    fc.assert(fc.property(value, value, property), runs(1_000));
  });

  it('is that of the number of seconds, a day at the most', () => {
    const property = (seconds: number): void => {
      const expected = seconds > 0 ? Math.min(seconds * 1_000, dayMs) : undefined;
      expect(readRetryAfter(String(seconds), null)).toBe(expected);
    };
    const number = fc.oneof(fc.integer(), fc.maxSafeInteger(), fc.integer({ min: 0, max: 90_000 }));
    fc.assert(fc.property(number, property), runs(1_000));
  });

  it('is a day at the most, or none, for anything else, whatever the Date', () => {
    const property = (header: string | null, date: string | null): void => {
      const waitMs = readRetryAfter(header, date);
      if (waitMs !== undefined) expect(waitMs > 0 && waitMs <= dayMs).toBe(true);
    };
    fc.assert(fc.property(retryAfterText(now), retryAfterText(now), property), runs(1_000));
  });
});
