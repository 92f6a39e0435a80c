import { inNextTurn, unref } from './timers.js';

/*
 * Time limits that count only the time in which the process ran.
 *
 * 1. A limit is counted in slices. A slice that ends late, because the event loop was blocked or the process
 *    was frozen, is repeated once: the answer that arrived meanwhile has to be read first.
 * 2. Timers run before the sockets are read. A limit that has passed late waits for two more turns of the
 *    event loop, so that an answer that is already there is read.
 * 3. In a test that sets the timers' clock forward, a limit passes in no time. Files and sockets get a slice
 *    of real time first.
 */

const sliceMs = 250;
const onTimeMs = 1;
/** A process that did not run for so long may have lost its connections. */
const freezeMs = 1_000;

/** Calls back after so much running time, and keeps no process alive for it; the returned function stops it. */
export function afterRunning(limitMs: number, callback: () => void): () => void {
  let leftMs = limitMs;
  let isRepeated = false;
  let timer: NodeJS.Timeout | undefined;
  let stopTurn = (): void => undefined;

  function nextSlice(): void {
    const lengthMs = Math.min(sliceMs, leftMs);
    const startedAt = performance.now();
    timer = unref(
      setTimeout(() => {
        const ranMs = performance.now() - startedAt;
        const lateMs = ranMs - lengthMs;
        isRepeated = lateMs > sliceMs && !isRepeated;
        if (!isRepeated) leftMs -= lengthMs;
        if (leftMs > 0) nextSlice();
        else if (ranMs < lengthMs / 2) endAfterTurns(2, startedAt + sliceMs);
        else if (lateMs < onTimeMs) callback();
        else endAfterTurns(2);
      }, lengthMs),
    );
  }

  function endAfterTurns(turns: number, notBefore = 0): void {
    stopTurn = inNextTurn(() => {
      if (turns > 1 || performance.now() < notBefore) endAfterTurns(turns - 1, notBefore);
      else callback();
    });
  }

  nextSlice();
  return () => {
    clearTimeout(timer);
    stopTurn();
  };
}

/** Counts the time in which the process runs. */
export interface RunningClock {
  /** Milliseconds of running time since the start, in ticks. */
  elapsedMs(): number;
  /** How often the process stood still for a second or more. */
  freezes(): number;
  /** Ends it. */
  stop(): void;
}

/** Starts a {@link RunningClock}; it keeps no process alive. A tick of less than a second costs a wake-up of the process. */
export function startRunningClock(tickMs: number): RunningClock {
  let ticks = 0;
  let freezes = 0;
  let last = { running: performance.now(), date: Date.now() };

  // Date as well: the other clock may stand still while the machine is suspended.
  function tick(): void {
    const now = { running: performance.now(), date: Date.now() };
    const gapMs = Math.max(now.running - last.running, now.date - last.date);
    last = now;
    ticks++;
    if (gapMs > freezeMs) freezes++;
  }

  const timer = unref(setInterval(tick, tickMs));
  return {
    elapsedMs: () => ticks * tickMs,
    freezes: () => freezes,
    stop: () => clearInterval(timer),
  };
}
