import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startLooks, type Looks } from '../../src/manager/looks.js';

const never = new AbortController().signal;
let looks: Looks | undefined;

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, 'random').mockReturnValue(0.5);
});

afterEach(() => {
  looks?.stop();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** How long a pause takes, in ms. */
async function lengthOf(pausing: Promise<void>): Promise<number> {
  const startedAt = performance.now();
  const ended = pausing.then(() => performance.now() - startedAt);
  await vi.advanceTimersByTimeAsync(2_000);
  return ended;
}

describe('the pauses between looks', () => {
  it('grow by half from 12 ms to 250 ms', async () => {
    looks = startLooks(never);
    let last = 0;
    for (const nominal of [12, 18, 27, 40.5, 60.75, 91.1, 136.7, 205, 250, 250]) {
      const startedAt = performance.now();
      const paused = looks.pause().then(() => (last = performance.now() - startedAt));
      await vi.advanceTimersToNextTimerAsync();
      while (last === 0) await vi.advanceTimersToNextTimerAsync();
      await paused;
      expect(Math.abs(last - nominal)).toBeLessThanOrEqual(1);
      last = 0;
    }
  });

  it.each([
    [0, 0.75],
    [1, 1.25],
  ])('are spread by a quarter: %d', async (random, factor) => {
    vi.mocked(Math.random).mockReturnValue(random);
    looks = startLooks(never);
    const length = await lengthOf(looks.pause());
    expect(Math.abs(length - 12 * factor)).toBeLessThanOrEqual(1);
  });

  it('are twice as long as the look before, 250 ms at the most', async () => {
    looks = startLooks(never);
    await vi.advanceTimersByTimeAsync(40);
    expect(Math.abs((await lengthOf(looks.pause())) - 80)).toBeLessThanOrEqual(1);
    expect(Math.abs((await lengthOf(looks.pause())) - 250)).toBeLessThanOrEqual(1);
  });

  it('end with the reason of the signal', async () => {
    const closing = new AbortController();
    looks = startLooks(closing.signal);
    const paused = expect(looks.pause()).rejects.toThrow('closed meanwhile');
    closing.abort(new Error('closed meanwhile'));
    await paused;
  });
});

describe('the patience', () => {
  it('lasts 30 s and up to 5 s more', async () => {
    vi.mocked(Math.random).mockReturnValue(0);
    looks = startLooks(never);
    await vi.advanceTimersByTimeAsync(29_000);
    expect(looks.isEnough()).toBe(false);
    await vi.advanceTimersByTimeAsync(1_500);
    expect(looks.isEnough()).toBe(true);
  });
});
