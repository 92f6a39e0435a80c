import { withTimeout } from './abort.js';
import { outside } from './outside.js';

/** Asks again, unless the last answer or failure is younger than `keptMs`; joins a question under way. */
export type Asked<Answer> = (keptMs: number) => Promise<Answer>;

/**
 * Creates the way to something outside this package (a vault, a KMS): one question at a time, each under a time
 * limit. One that hangs fails, and the next need asks anew.
 * @param signal ends a question under way, with its reason
 */
export function askedFor<Answer>(
  limitMs: number,
  signal: AbortSignal,
  ask: () => Promise<Answer>,
): Asked<Answer> {
  let asking: Promise<Answer> | undefined;
  let settledAt: number | undefined;

  return (keptMs) => {
    const isKept = settledAt === undefined || performance.now() - settledAt < keptMs;
    if (asking && isKept) return asking;
    settledAt = undefined;
    asking = outside(() => withTimeout(limitMs, signal, ask));
    const settle = (): void => void (settledAt = performance.now());
    asking.then(settle, settle);
    return asking;
  };
}
