import { orAborted } from '../base/abort.js';

/** A signal that is not lost when it is raised between two waits. */
export interface Wake {
  /** Ends the wait under way, or else the next one at once. */
  raise(): void;
  /** Resolves with the next signal, after a pause at the latest; rejects when aborted. One wait at a time. */
  wait(longestMs: number, signal: AbortSignal): Promise<void>;
}

/** Creates a {@link Wake} that has not been raised. */
export function createWake(): Wake {
  let raised = false;
  let resume = (): void => undefined;
  return {
    raise() {
      raised = true;
      resume();
    },
    async wait(longestMs, signal) {
      let timer: NodeJS.Timeout | undefined;
      const woken = new Promise<void>((resolve) => {
        resume = resolve;
        timer = setTimeout(resolve, longestMs);
        if (raised) resolve();
      });
      try {
        await orAborted(woken, signal);
      } finally {
        clearTimeout(timer);
        raised = false;
      }
    },
  };
}
