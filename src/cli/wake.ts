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
