import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { withTimeout } from '../../src/base/abort.js';
import { afterRunning, startRunningClock } from '../../src/base/running-time.js';

/** Blocks the event loop, without a load for the processor. */
function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

describe('a limit of running time', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it.each([1, 249, 250, 251, 1_000, 10_100])('ends after %i ms, not before', (limitMs) => {
    const callback = vi.fn();
    afterRunning(limitMs, callback);
    vi.advanceTimersByTime(limitMs - 1);
    expect(callback).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(callback).toHaveBeenCalledOnce();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('that is stopped never ends', () => {
    const callback = vi.fn();
    const stop = afterRunning(1_000, callback);
    vi.advanceTimersByTime(999);
    stop();
    expect(vi.getTimerCount()).toBe(0);
    vi.advanceTimersByTime(5_000);
    expect(callback).not.toHaveBeenCalled();
  });
});

describe('a test that sets the clock of the timers forward', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] }));
  afterEach(() => void vi.useRealTimers());

  it.each([240, 5_000])(
    'ends a limit of %i ms, but after a while of real time',
    async (limitMs) => {
      const startedAt = performance.now();
      const ended = new Promise<void>((resolve) => void afterRunning(limitMs, resolve));
      vi.advanceTimersByTime(3_600_000);
      await ended;
      expect(performance.now() - startedAt).toBeGreaterThan(200);
    },
  );

  it('ends no limit that was stopped in that while', async () => {
    const callback = vi.fn();
    const stop = afterRunning(5_000, callback);
    vi.advanceTimersByTime(3_600_000);
    stop();
    await new Promise<void>((resolve) => {
      afterRunning(5_000, resolve);
      vi.advanceTimersByTime(3_600_000);
    });
    expect(callback).not.toHaveBeenCalled();
  });
});

describe('a process that stands still', () => {
  it('ends no limit of which only a part has been running time', async () => {
    const callback = vi.fn();
    const stop = afterRunning(500, callback);
    block(900);
    await turn();
    await turn();
    await turn();
    expect(callback).not.toHaveBeenCalled();
    stop();
  });

  it('ends a limit all the same, if it stands still again and again', async () => {
    const ended = new Promise<void>((resolve) => void afterRunning(400, resolve));
    const blocking = setInterval(() => block(550), 1);
    await ended;
    clearInterval(blocking);
  });

  it('still takes the answer that arrived meanwhile', async () => {
    const server = createServer((_, response) => response.end('in time')).listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    // The first fetch of a process loads it, which may take as long as the limit.
    await (await fetch(url)).text();
    const answer = withTimeout(300, new AbortController().signal, async (signal) => {
      const response = await fetch(url, { signal });
      block(700);
      return response.text();
    });
    expect(await answer).toBe('in time');
  });

  it('is noticed by its clock, which counts a tick for it', async () => {
    const clock = startRunningClock(50);
    onTestFinished(clock.stop);
    block(1_200);
    await expect.poll(() => clock.freezes()).toBe(1);
    expect(clock.elapsedMs()).toBeLessThan(1_000);
  });
});
