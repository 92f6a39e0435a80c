import { beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { createSilenceMeter } from '../../../../src/stores/file/lock/silence.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => void vi.useRealTimers());
});

it('counts for how long the same was seen', () => {
  const silenceOf = createSilenceMeter();
  expect(silenceOf('one')).toBe(0);
  for (const ms of [100, 250, 999]) {
    vi.advanceTimersByTime(ms);
    silenceOf('one');
  }
  expect(silenceOf('one')).toBe(1_349);
});

it('begins anew with each other sight, one of before too', () => {
  const silenceOf = createSilenceMeter();
  for (const sight of ['one', 'other', 'one']) {
    expect(silenceOf(sight)).toBe(0);
    vi.advanceTimersByTime(500);
    expect(silenceOf(sight)).toBe(500);
  }
});

it('counts a second at most between two looks', () => {
  const silenceOf = createSilenceMeter();
  silenceOf('one');
  vi.advanceTimersByTime(1_000);
  expect(silenceOf('one')).toBe(1_000);
  vi.advanceTimersByTime(60_000);
  expect(silenceOf('one')).toBe(2_000);
});
