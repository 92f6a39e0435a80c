import { describe, expect, it } from 'vitest';
import {
  ageingAt,
  formatBearerToken,
  isUnexpired,
  isUsable,
  usableUntil,
  type Token,
} from '../../src/base/token.js';

const dayMs = 86_400_000;
const obtainedAt = 1_700_000_000_000;

function living(lifetimeMs: number): Token {
  return {
    accessToken: 'a-token',
    tokenType: 'bearer',
    obtainedAt,
    expiresAt: obtainedAt + lifetimeMs,
  };
}

describe('ageingAt', () => {
  it.each([
    ['far above the buffer', dayMs, 600_000, dayMs - 600_000],
    ['twice the buffer', 1_200_000, 600_000, 600_000],
    ['just below twice the buffer', 1_199_998, 600_000, 599_999],
    ['equal to the buffer', 600_000, 600_000, 300_000],
    ['below the buffer', 60_000, 600_000, 30_000],
    ['1 s', 1_000, 600_000, 500],
    ['above a buffer of 0', dayMs, 0, dayMs],
  ])('for a lifetime %s (%i ms, buffer %i ms) is %i ms in', (_, lifetimeMs, bufferMs, afterMs) => {
    expect(ageingAt(living(lifetimeMs), bufferMs)).toBe(obtainedAt + afterMs);
  });
});

describe('usableUntil', () => {
  it.each([
    [dayMs, dayMs - 1_000],
    [10_000, 9_000],
    [9_990, 8_991],
    [1_000, 900],
    [10, 9],
  ])('for a lifetime of %i ms is %i ms in', (lifetimeMs, afterMs) => {
    expect(usableUntil(living(lifetimeMs))).toBe(obtainedAt + afterMs);
  });

  it.each([dayMs, 60_000, 1_000, 10])(
    'comes after the ageing has begun, for a lifetime of %i ms and any buffer above it',
    (lifetimeMs) => {
      const token = living(lifetimeMs);
      expect(usableUntil(token)).toBeGreaterThan(ageingAt(token, 600_000));
      expect(ageingAt(token, 600_000)).toBeGreaterThan(obtainedAt);
    },
  );
});

describe('a token', () => {
  it.each([
    [-1, true, true],
    [0, true, true],
    [899, true, true],
    [900, true, true],
    [901, false, true],
    [999, false, true],
    [1_000, false, false],
    [1_001, false, false],
  ])('of 1 s is after %i ms usable: %s, unexpired: %s', (afterMs, usable, unexpired) => {
    const token = living(1_000);
    expect(isUsable(token, obtainedAt + afterMs)).toBe(usable);
    expect(isUnexpired(token, obtainedAt + afterMs)).toBe(unexpired);
  });
});

describe('formatBearerToken', () => {
  it('takes a string and a Token, whatever scheme the service named', () => {
    expect(formatBearerToken('a-token')).toBe('Bearer a-token');
    expect(formatBearerToken({ ...living(1), tokenType: 'mac' })).toBe('Bearer a-token');
  });

  it.each([[''], [undefined], [null], [42], [{}], [{ accessToken: '' }], [{ accessToken: 42 }]])(
    'refuses %o',
    (wrong) => {
      expect(() => formatBearerToken(wrong as string)).toThrow(TypeError);
      expect(() => formatBearerToken(wrong as string)).toThrow(/^token /);
    },
  );
});
