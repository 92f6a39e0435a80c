import type { SharedState } from '../records/record.js';

/**
 * Creates the function that corrects the dates of a failure or a refresh, so that no wait is longer than it should
 * be. A date in the future (another host's clock is ahead) becomes the moment when this process first saw it. When
 * this process's clock is set back, all dates move back too.
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

/** Remembers when an instant was first seen, so that it ages even if the clock is set back. */
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
