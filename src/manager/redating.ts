import type { SharedState } from '../stores/record.js';

/**
 * Creates what dates a failure or a refresh that is dated ahead, by another host's clock or by ours before it
 * was set back, at the moment when it was first seen so: nobody rests for longer than its wait.
 */
export function createRedating(): (state: SharedState) => SharedState {
  const failedAt = createInstant();
  const refreshedAt = createInstant();

  return (state) => {
    const { failure, spacing } = state;
    const aheadMs = failure ? failure.failedAt - failedAt(failure.failedAt) : 0;
    return {
      ...state,
      ...(failure && { failure: { ...failure, retryAt: failure.retryAt - aheadMs } }),
      ...(spacing && { spacing: { ...spacing, refreshedAt: refreshedAt(spacing.refreshedAt) } }),
    };
  };
}

/** Remembers for one instant that is ahead of the clock when it was first seen so. */
function createInstant(): (instant: number) => number {
  let ahead = 0;
  let seenAt = 0;
  return (instant) => {
    const now = Date.now();
    // Also once the clock has caught up: the wait goes on from where it began.
    if (instant === ahead && seenAt <= now) return seenAt;
    if (instant <= now) return instant;
    ahead = instant;
    seenAt = now;
    return seenAt;
  };
}
