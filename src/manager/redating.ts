import type { SharedState } from '../stores/record.js';

/**
 * Creates what dates a failure or a refresh by this process's own clock of now: one that is dated ahead, by
 * another host's clock, at the moment when it was first seen, and all of them earlier when the clock is set back.
 * Nobody rests for longer than its wait.
 */
export function createRedating(): (state: SharedState) => SharedState {
  const failedAt = createInstant();
  const refreshedAt = createInstant();

  return (state) => {
    const { failure, spacing } = state;
    const movedMs = failure ? failure.failedAt - failedAt(failure.failedAt) : 0;
    return {
      ...state,
      ...(failure && { failure: { ...failure, retryAt: failure.retryAt - movedMs } }),
      ...(spacing && { spacing: { ...spacing, refreshedAt: refreshedAt(spacing.refreshedAt) } }),
    };
  };
}

/** A clock that goes back by more than this has been set. */
const leastStepMs = 100;

/** Remembers for one instant when it was first seen, so that it ages although the clock is set back. */
function createInstant(): (instant: number) => number {
  let seen: { instant: number; at: number; offset: number } | undefined;
  return (instant) => {
    const now = Date.now();
    const offset = now - performance.now();
    if (seen?.instant !== instant) seen = { instant, at: Math.min(instant, now), offset };
    // A clock that is ahead of where it should be may just have gone on while the machine was suspended.
    const stepMs = Math.round(offset - seen.offset);
    return stepMs < -leastStepMs ? seen.at + stepMs : seen.at;
  };
}
