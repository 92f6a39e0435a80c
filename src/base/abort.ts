import { afterRunning } from './running-time.js';
import { unref } from './timers.js';

/** The callbacks that wait on one signal, behind its only listener. */
interface Waiters {
  readonly callbacks: Set<() => void>;
  readonly listener: () => void;
}

/** One listener per signal: Node warns of a leak at eleven. */
const waitersOf = new WeakMap<AbortSignal, Waiters>();

/** Calls back when a signal that has not been aborted is; the returned function takes that back. */
function onAbort(signal: AbortSignal, callback: () => void): () => void {
  const waiters = waitersOf.get(signal) ?? listenTo(signal);
  waiters.callbacks.add(callback);
  return () => {
    if (!waiters.callbacks.delete(callback) || waiters.callbacks.size > 0) return;
    signal.removeEventListener('abort', waiters.listener);
    waitersOf.delete(signal);
  };
}

function listenTo(signal: AbortSignal): Waiters {
  const callbacks = new Set<() => void>();
  const listener = (): void => callbacks.forEach((callback) => callback());
  signal.addEventListener('abort', listener);
  const waiters = { callbacks, listener };
  waitersOf.set(signal, waiters);
  return waiters;
}

/** Returns why a signal is aborted. Those of the abort-controller package for node-fetch do not say it. */
export function reasonOf(signal: AbortSignal): Error {
  if ('reason' in signal) return signal.reason as Error;
  return new DOMException('This operation was aborted', 'AbortError');
}

/** Throws why a signal is aborted, if it is. Those of that package, and of jsdom 20, have no method for it. */
export function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw reasonOf(signal);
}

/**
 * Waits for a promise, but no longer than until the signal is aborted: then it rejects with its reason.
 * The promise itself goes on, and nothing is left on the signal.
 */
export async function orAborted<Result>(
  promise: Promise<Result>,
  signal: AbortSignal,
): Promise<Result> {
  let stopListening = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    const abort = (): void => reject(reasonOf(signal));
    if (signal.aborted) abort();
    else stopListening = onAbort(signal, abort);
  });
  try {
    return await Promise.race([aborted, promise]);
  } finally {
    stopListening();
  }
}

/** Something took longer than it may. */
export class TimeoutError extends Error {
  override readonly name = 'TimeoutError';
  readonly code = 'ETIMEDOUT';
}

/**
 * Runs a task under a time limit, whether or not it honours the signal it is given. Only time in which the
 * process ran counts.
 * @throws TimeoutError after `timeoutMs`, or the reason of `signal`.
 */
export async function withTimeout<Result>(
  timeoutMs: number,
  signal: AbortSignal,
  task: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  throwIfAborted(signal);
  const limit = new AbortController();
  const stopListening = onAbort(signal, () => limit.abort(signal.reason));
  const stopCounting = afterRunning(timeoutMs, () => {
    limit.abort(new TimeoutError(`did not answer within ${timeoutMs} ms`));
  });
  try {
    return await orAborted(task(limit.signal), limit.signal);
  } finally {
    stopCounting();
    stopListening();
  }
}

/** Waits, without keeping the process alive; rejects with the signal's reason. */
export async function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  try {
    await orAborted(
      new Promise<void>((resolve) => (timer = unref(setTimeout(resolve, delayMs)))),
      signal,
    );
  } finally {
    clearTimeout(timer);
  }
}

/** Waits for a promise and keeps the process alive for it: the timers of a manager do not. */
export async function keepingAlive<Result>(task: Promise<Result>): Promise<Result> {
  const timer = setInterval(() => undefined, 2 ** 31 - 1);
  try {
    return await task;
  } finally {
    clearInterval(timer);
  }
}
