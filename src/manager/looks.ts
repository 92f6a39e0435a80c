import { pause } from '../base/abort.js';
import { startRunningClock } from '../base/running-time.js';

/*
 * How a refresh waits for the process that holds the lock: it looks again after a pause.
 *
 * 1. Pauses grow by half from 12 ms to 250 ms, so that a short wait ends soon, and a long one costs little.
 * 2. Up to that, a pause is at least twice as long as the look before it: a slow store, or a busy machine, is left
 *    alone. Ten times as long, or more than 250 ms, served 16 and 64 processes later; without, they kept the machine busy.
 * 3. After 30 s of running time a process has waited enough, whatever the holder does. Each has another limit, few a
 *    short one, so that the first one's token serves the others.
 */

const firstPauseMs = 12;
const longestPauseMs = 250;
const growth = 1.5;
const pausePerLook = 2;
const patienceMs = 30_000;
const patienceSpreadMs = 5_000;
const clockTickMs = 500;

/** The looks of one refresh. */
export interface Looks {
  /** Waits for the next look; rejects with the signal's reason. */
  pause(): Promise<void>;
  /** Returns whether the wait has been long enough. */
  isEnough(): boolean;
  /** Ends them. */
  stop(): void;
}

/** Starts the {@link Looks} of one refresh; the first look begins now. */
export function startLooks(signal: AbortSignal): Looks {
  const clock = startRunningClock(clockTickMs);
  const limitMs = patienceMs + patienceSpreadMs * Math.random() ** 0.25;
  let grownMs = firstPauseMs;
  let lookedAt = performance.now();

  return {
    async pause() {
      const lookMs = performance.now() - lookedAt;
      const slowMs = Math.min(longestPauseMs, pausePerLook * lookMs);
      await pause(Math.max(grownMs, slowMs) * (0.75 + Math.random() / 2), signal);
      grownMs = Math.min(longestPauseMs, grownMs * growth);
      lookedAt = performance.now();
    },
    isEnough: () => clock.elapsedMs() >= limitMs,
    stop: clock.stop,
  };
}
