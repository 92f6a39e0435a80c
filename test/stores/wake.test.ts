import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { regularly } from '../../src/stores/wake.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('a regular task', () => {
  it('runs every 100 to 250 ms until it is stopped', async () => {
    const task = vi.fn();
    const stop = regularly(task);
    await vi.advanceTimersByTimeAsync(99);
    expect(task).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(9_901);
    const { length } = task.mock.calls;
    expect(length).toBeGreaterThanOrEqual(39);
    expect(length).toBeLessThanOrEqual(100);
    stop();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(task).toHaveBeenCalledTimes(length);
  });

  it('has no second run beside one that does not end, and none after a stop in its midst', async () => {
    let end = (): void => undefined;
    const task = vi.fn(() => new Promise<void>((resolve) => (end = resolve)));
    const stop = regularly(task);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(task).toHaveBeenCalledTimes(1);
    stop();
    end();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(task).toHaveBeenCalledTimes(1);
  });
});
