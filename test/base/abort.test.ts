import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  keepingAlive,
  orAborted,
  throwIfAborted,
  TimeoutError,
  withTimeout,
} from '../../src/base/abort.js';

const never = new Promise<never>(() => undefined);

const nextTurn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** The signal that a task was given. */
function taskSignal(task: { mock: { calls: unknown[][] } }): AbortSignal {
  return task.mock.calls[0]?.[0] as AbortSignal;
}

describe('throwIfAborted', () => {
  it('throws the very reason, also of a signal that has no method for it, as in jsdom 20', () => {
    const controller = new AbortController();
    const { signal } = controller;
    Object.defineProperty(signal, 'throwIfAborted', { value: undefined });
    expect(() => throwIfAborted(signal)).not.toThrow();
    const reason = new Error('enough');
    controller.abort(reason);
    expect(() => throwIfAborted(signal)).toThrow(reason);
  });
});

describe('orAborted', () => {
  it('gives what the promise gives', async () => {
    const { signal } = new AbortController();
    expect(await orAborted(Promise.resolve('done'), signal)).toBe('done');
    await expect(orAborted(Promise.reject(new Error('failed')), signal)).rejects.toThrow('failed');
  });

  it('rejects with the very reason of the signal, and the promise goes on', async () => {
    const reason = new Error('enough');
    const controller = new AbortController();
    let finish!: (value: string) => void;
    const work = new Promise<string>((resolve) => (finish = resolve));
    const waiting = orAborted(work, controller.signal);
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    finish('done');
    expect(await work).toBe('done');
  });

  it('rejects at once when the signal is aborted already', async () => {
    const reason = new Error('enough');
    await expect(orAborted(never, AbortSignal.abort(reason))).rejects.toBe(reason);
  });

  it('rejects with an AbortError where the signal is of an old kind that has no reason', async () => {
    const old = Object.assign(new EventTarget(), { aborted: true }) as unknown as AbortSignal;
    await expect(orAborted(never, old)).rejects.toThrow(
      new DOMException('This operation was aborted', 'AbortError'),
    );
  });

  it('leaves no unhandled rejection behind when the signal came first', async () => {
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    const gone = AbortSignal.abort(new Error('enough'));
    const late = new Promise((_, reject) => void setImmediate(reject, new Error('late')));
    const task = vi.fn(() => Promise.reject(new Error('failed')));
    await expect(orAborted(late, gone)).rejects.toThrow('enough');
    await expect(withTimeout(100, gone, task)).rejects.toThrow('enough');
    await nextTurn();
    await nextTurn();
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
    expect(task).not.toHaveBeenCalled();
  });

  it.each([
    ['resolves', () => Promise.resolve()],
    ['rejects', () => Promise.reject(new Error('failed'))],
    ['is aborted', () => never],
  ])('leaves no listener on the signal when it %s', async (end, start) => {
    const controller = new AbortController();
    const waiting = orAborted(start(), controller.signal);
    if (end === 'is aborted') controller.abort();
    await waiting.catch(() => undefined);
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  });

  it('takes its own listener along and no other', async () => {
    const controller = new AbortController();
    const own = vi.fn();
    controller.signal.addEventListener('abort', own);
    await orAborted(Promise.resolve(), controller.signal);
    const waiting = [1, 2].map(() => orAborted(never, controller.signal));
    const first = orAborted(Promise.resolve('done'), controller.signal);
    expect(await first).toBe('done');
    controller.abort(new Error('enough'));
    for (const wait of waiting) await expect(wait).rejects.toThrow('enough');
    expect(own).toHaveBeenCalledTimes(1);
  });

  it('lets 50 wait on one signal without a warning', async () => {
    const onWarning = vi.fn();
    process.on('warning', onWarning);
    const controller = new AbortController();
    const waiting = Array.from({ length: 50 }, () => orAborted(never, controller.signal));
    await nextTurn();
    controller.abort(new Error('enough'));
    const results = await Promise.allSettled(waiting);
    process.off('warning', onWarning);
    expect(results.map(({ status }) => status)).toEqual(Array(50).fill('rejected'));
    expect(onWarning).not.toHaveBeenCalled();
  });
});

describe('withTimeout', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('gives what the task gives in time, and leaves no timer', async () => {
    const { signal } = new AbortController();
    expect(await withTimeout(100, signal, () => Promise.resolve('done'))).toBe('done');
    const failing = withTimeout(100, signal, () => Promise.reject(new Error('failed')));
    await expect(failing).rejects.toThrow('failed');
    expect(vi.getTimerCount()).toBe(0);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('rejects when the time is up, not before, though the task ignores its signal', async () => {
    const task = vi.fn(() => never);
    const settled = vi.fn();
    withTimeout(100, new AbortController().signal, task).catch(settled);
    await vi.advanceTimersByTimeAsync(99);
    expect(settled).not.toHaveBeenCalled();
    expect(taskSignal(task).aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    const error = settled.mock.calls[0]?.[0] as unknown;
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({ name: 'TimeoutError', message: 'did not answer within 100 ms' });
    expect(taskSignal(task).reason).toBe(error);
  });

  it('rejects with the reason of the signal, which ends the task and the timer', async () => {
    const reason = new Error('enough');
    const controller = new AbortController();
    const task = vi.fn(() => never);
    const running = withTimeout(100, controller.signal, task);
    controller.abort(reason);
    await expect(running).rejects.toBe(reason);
    expect(taskSignal(task).reason).toBe(reason);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('rejects with what a task throws before it is asynchronous', async () => {
    const task = (): Promise<never> => {
      throw new Error('thrown');
    };
    await expect(withTimeout(100, new AbortController().signal, task)).rejects.toThrow('thrown');
    expect(vi.getTimerCount()).toBe(0);
  });
});

it('keeps the process alive until a promise is settled, however long that takes', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  let settle = (): void => undefined;
  const task = keepingAlive(new Promise<void>((resolve) => (settle = resolve)));
  await vi.advanceTimersByTimeAsync(2 ** 31);
  expect(vi.getTimerCount()).toBe(1);
  settle();
  await task;
  expect(vi.getTimerCount()).toBe(0);
});
