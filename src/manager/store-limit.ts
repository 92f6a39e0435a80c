import { TimeoutError, withTimeout } from '../base/abort.js';

/*
 * The time limit of every store operation.
 *
 * 1. An operation that takes longer than 5 s has failed; a late result goes to `onLate`.
 * 2. Until the next refresh, further operations fail at once: a store that hangs costs each refresh 5 s, once.
 */

const limitMs = 5_000;

/** Runs the operations of a store under the time limit. */
export interface StoreLimit {
  run<Result>(run: () => Promise<Result>, onLate: (result: Result) => unknown): Promise<Result>;
  /** Asks a store again that did not answer. */
  askAgain(): void;
}

/** Creates the {@link StoreLimit} of one store. */
export function createStoreLimit(): StoreLimit {
  const unlimited = new AbortController().signal;
  let overdue: Promise<unknown> | undefined;

  return {
    async run(run, onLate) {
      if (overdue) throw new TimeoutError('the store has not answered yet');
      // Called inside a promise: a store may throw synchronously.
      const running = Promise.resolve().then(run);
      try {
        return await withTimeout(limitMs, unlimited, () => running);
      } catch (error) {
        if (!(error instanceof TimeoutError)) throw error;
        overdue = running;
        const settle = (): void => {
          if (overdue === running) overdue = undefined;
        };
        running
          .finally(settle)
          .then(onLate)
          .catch(() => undefined);
        throw new TimeoutError(`the store did not answer within ${limitMs} ms`);
      }
    },
    askAgain: () => void (overdue = undefined),
  };
}
