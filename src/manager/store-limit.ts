import { TimeoutError, withTimeout } from '../base/abort.js';

/*
 * The time limit of every store operation.
 *
 * 1. An operation that takes longer than 5 s has failed; a late result goes to `onLate`.
 * 2. While one is overdue, further operations fail at once: a store that hangs costs a refresh 5 s, once.
 * 3. An answer may be lost for ever, so the store is asked again after 30 s.
 */

const limitMs = 5_000;
const askAgainAfterMs = 30_000;

/** Runs an operation of a store under the time limit. */
export type StoreLimit = <Result>(
  run: () => Promise<Result>,
  onLate: (result: Result) => unknown,
) => Promise<Result>;

/** Creates the {@link StoreLimit} of one store. */
export function createStoreLimit(): StoreLimit {
  const unlimited = new AbortController().signal;
  let overdue: Promise<unknown> | undefined;
  let overdueSince = 0;

  return async (run, onLate) => {
    if (overdue && performance.now() - overdueSince < askAgainAfterMs) {
      throw new TimeoutError('the store has not answered yet');
    }
    // Called inside a promise: a store may throw synchronously.
    const running = Promise.resolve().then(run);
    try {
      return await withTimeout(limitMs, unlimited, () => running);
    } catch (error) {
      if (!(error instanceof TimeoutError)) throw error;
      overdue = running;
      overdueSince = performance.now();
      const settle = (): void => {
        if (overdue === running) overdue = undefined;
      };
      running
        .finally(settle)
        .then(onLate)
        .catch(() => undefined);
      throw new TimeoutError(`the store did not answer within ${limitMs} ms`);
    }
  };
}
