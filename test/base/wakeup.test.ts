import { AsyncLocalStorage } from 'node:async_hooks';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createWakeup } from '../../src/base/wakeup.js';

const now = 1_700_000_000_000;
const dayMs = 86_400_000;

beforeEach(() => void vi.useFakeTimers({ now }));
afterEach(() => void vi.useRealTimers());

describe('a wakeup', () => {
  it.each([
    ['in a moment', 1],
    ['in an hour', 3_600_000],
    ['in 30 days, beyond 2^31 ms', 30 * dayMs],
  ])('set for %s comes then, and once', (_, afterMs) => {
    const wake = vi.fn();
    createWakeup(wake).at(now + afterMs);
    vi.advanceTimersByTime(afterMs - 1);
    expect(wake).toHaveBeenCalledTimes(0);
    vi.advanceTimersByTime(1);
    expect(wake).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(dayMs);
    expect(wake).toHaveBeenCalledTimes(1);
  });

  it('set for the past comes at once, but not before its setting has returned', () => {
    const wake = vi.fn();
    createWakeup(wake).at(now - dayMs);
    expect(wake).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(wake).toHaveBeenCalledTimes(1);
  });

  it('takes the place of the one set before', () => {
    const wake = vi.fn();
    const wakeup = createWakeup(wake);
    wakeup.at(now + 1_000);
    wakeup.at(now + 5_000);
    vi.advanceTimersByTime(4_999);
    expect(wake).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(wake).toHaveBeenCalledTimes(1);
  });

  it('comes within a minute of waking from a sleep in which its instant passed', () => {
    const wake = vi.fn();
    createWakeup(wake).at(now + 3_600_000);
    vi.setSystemTime(now + dayMs);
    vi.advanceTimersByTime(60_000);
    expect(wake).toHaveBeenCalledTimes(1);
  });

  it('still comes at its instant when the clock was set back', () => {
    const wake = vi.fn();
    createWakeup(wake).at(now + 1_000);
    vi.setSystemTime(now - 3_600_000);
    vi.advanceTimersByTime(3_600_999);
    expect(wake).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(wake).toHaveBeenCalledTimes(1);
  });

  it('can be set anew when it comes', () => {
    const wake = vi.fn();
    const wakeup = createWakeup(() => {
      wake();
      wakeup.at(Date.now() + 1_000);
    });
    wakeup.at(now);
    vi.advanceTimersByTime(3_001);
    expect(wake.mock.calls.length).toBe(4);
  });

  it('ends for good when stopped', () => {
    const wake = vi.fn();
    const wakeup = createWakeup(wake);
    wakeup.at(now + 1_000);
    wakeup.stop();
    wakeup.at(now + 1_000);
    expect(vi.getTimerCount()).toBe(0);
    vi.advanceTimersByTime(dayMs);
    expect(wake).not.toHaveBeenCalled();
  });

  it('does not keep the process alive', () => {
    vi.useRealTimers();
    const timers = (): number =>
      process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    const before = timers();
    const wakeup = createWakeup(vi.fn());
    wakeup.at(Date.now() + dayMs);
    expect(timers()).toBe(before);
    wakeup.stop();
  });

  it('comes in the context of nobody, not of the request that set it', async () => {
    vi.useRealTimers();
    const context = new AsyncLocalStorage<string>();
    const seen = await context.run(
      'a request',
      () => new Promise((resolve) => createWakeup(() => resolve(context.getStore())).at(0)),
    );
    expect(seen).toBeUndefined();
  });
});
