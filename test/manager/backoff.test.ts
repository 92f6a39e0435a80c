import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { backoffMs, attemptWaitMs } from '../../src/manager/backoff.js';
import type { Token } from '../../src/base/token.js';

const now = 1_700_000_000_000;

function expiring(afterMs: number): Token {
  return {
    accessToken: 'a-token',
    tokenType: 'bearer',
    obtainedAt: now - 100_000,
    expiresAt: now + afterMs,
  };
}

afterEach(() => void vi.restoreAllMocks());

describe('backoffMs', () => {
  it.each([
    [1, 1_000],
    [2, 2_000],
    [3, 4_000],
    [4, 8_000],
    [5, 16_000],
    [6, 32_000],
    [7, 60_000],
    [8, 60_000],
    [5_000, 60_000],
  ])('after %i failures is %i ms, or up to a fifth less', (failures, delayMs) => {
    expect(backoffMs(failures, 0)).toBe(delayMs);
    expect(backoffMs(failures, 0.5)).toBe(delayMs * 0.9);
    expect(backoffMs(failures, 1)).toBe(delayMs * 0.8);
  });

  it('differs at random from one process to another', () => {
    vi.spyOn(Math, 'random').mockReturnValueOnce(0.25).mockReturnValueOnce(0.75);
    expect([backoffMs(1), backoffMs(1)]).toEqual([950, 850]);
  });
});

describe('attemptWaitMs', () => {
  beforeEach(() => void vi.spyOn(Math, 'random').mockReturnValue(0));

  it.each([
    ['no token', undefined, 1_000],
    ['a token that outlives the back-off', expiring(500_000), 1_000],
    ['a token that stops being usable before its end', expiring(1_700), 700],
    ['a token that stops being usable right at its end', expiring(2_000), 1_000],
    ['a token in its last second', expiring(900), 900],
    ['a token that stops being usable this moment', expiring(1_000), 1_000],
    ['a token in its last millisecond', expiring(1), 1],
    ['a token that expires this moment', expiring(0), 1_000],
    ['a token long expired', expiring(-50_000), 1_000],
  ])('with %s comes in time', (_, held, afterMs) => {
    expect(attemptWaitMs(now, 1, held)).toBe(afterMs);
  });

  it('has two turns in a long back-off: when the token stops being usable, and at its expiry', () => {
    const held = expiring(30_000);
    expect(attemptWaitMs(now, 7, held)).toBe(29_000);
    expect(attemptWaitMs(now + 29_000, 8, held)).toBe(1_000);
    expect(attemptWaitMs(now + 30_000, 9, held)).toBe(60_000);
  });

  it('may come between the two turns where the back-off is that short', () => {
    vi.spyOn(Math, 'random').mockReturnValue(1);
    expect(attemptWaitMs(now, 1, expiring(1_000))).toBe(800);
  });
});
