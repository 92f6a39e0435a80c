import { outside } from './outside.js';
import { unref } from './timers.js';

/** A timer for one instant that may be weeks away. */
export interface Wakeup {
  /** Sets the instant, in epoch ms, in place of the one set before. */
  at(instant: number): void;
  /** Ends it for good. */
  stop(): void;
}

/** Timers stand still while the machine sleeps and overflow at 2^31 ms: the clock is looked at this often. */
const longestNapMs = 60_000;

/** Creates a {@link Wakeup} that calls `wake` at its instant and keeps no process alive. */
export function createWakeup(wake: () => void): Wakeup {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  function at(instant: number): void {
    clearTimeout(timer);
    if (stopped) return;
    const napMs = Math.min(Math.max(instant - Date.now(), 0), longestNapMs);
    const due = (): void => (Date.now() < instant ? at(instant) : wake());
    timer = outside(() => unref(setTimeout(due, napMs)));
  }

  return {
    at,
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
