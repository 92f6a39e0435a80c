import { unref } from '../base/timers.js';

/** A signal that is not lost when it is raised between two waits. */
export interface Wake {
  /** Ends the wait under way, or else the next one at once. */
  raise(): void;
  /** Resolves with the next signal. One wait at a time. */
  wait(): Promise<void>;
}

/** Creates a {@link Wake} that has not been raised. */
export function createWake(): Wake {
  let raised = false;
  let resume: (() => void) | undefined;
  return {
    raise() {
      raised = true;
      resume?.();
    },
    async wait() {
      if (!raised) await new Promise<void>((resolve) => (resume = resolve));
      resume = undefined;
      raised = false;
    },
  };
}

/**
 * Runs a task every 100 to 250 ms, so that the looks of many processes are spread, and keeps no process alive;
 * the returned function ends that. A task that does not end has no next one, and none may reject.
 */
export function regularly(task: () => unknown): () => void {
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  const run = async (): Promise<void> => {
    await task();
    schedule();
  };
  function schedule(): void {
    if (!isStopped) timer = unref(setTimeout(() => void run(), 100 + Math.random() * 150));
  }
  schedule();
  return () => {
    isStopped = true;
    clearTimeout(timer);
  };
}
