/**
 * Waits for a promise, but no longer than until the signal is aborted: then it rejects with its reason.
 * The promise itself goes on, and nothing is left on the signal. However many wait on one signal, it gets
 * no listener of its own (Node warns of a leak at eleven).
 */
export async function orAborted<Result>(
  promise: Promise<Result>,
  signal: AbortSignal,
): Promise<Result> {
  signal.throwIfAborted();
  const dependent = AbortSignal.any([signal]);
  let onAbort = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason as Error);
  });
  dependent.addEventListener('abort', onAbort);
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    dependent.removeEventListener('abort', onAbort);
  }
}

/** Something took longer than it may. */
export class TimeoutError extends Error {
  override readonly name = 'TimeoutError';
}

/**
 * Runs a task under a time limit, whether or not it honours the signal it is given.
 * @throws TimeoutError after `timeoutMs`, or the reason of `signal`.
 */
export async function withTimeout<Result>(
  timeoutMs: number,
  signal: AbortSignal,
  task: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const timeout = new AbortController();
  const timer = setTimeout(() => {
    timeout.abort(new TimeoutError(`did not answer within ${timeoutMs} ms`));
  }, timeoutMs).unref();
  const either = AbortSignal.any([signal, timeout.signal]);
  try {
    return await orAborted(task(either), either);
  } finally {
    clearTimeout(timer);
  }
}
