import type { RefusalSpacing } from '../records/record.js';

const firstWaitMs = 1_000;
const longestWaitMs = 600_000;

/** Returns whether a refused token may be replaced so many milliseconds after the last refresh of this kind. */
export function mayRefreshRefused(spacing: RefusalSpacing | undefined, agoMs: number): boolean {
  return !spacing || agoMs >= spacing.waitMs;
}

/**
 * Returns the spacing after a refresh that a refusal causes now. The wait doubles, unless a token was not refused
 * for as long as the current wait: then it starts anew. Either this process saw that, or no refresh followed the
 * end of the wait, as any refusal would have caused one.
 * @param agoMs milliseconds since the last refresh of this kind
 * @param now epoch ms of this refresh
 * @param stoodMs milliseconds before the refusal in which this process has seen none of the token
 */
export function spacingAfterRefresh(
  spacing: RefusalSpacing | undefined,
  agoMs: number,
  now: number,
  stoodMs: number,
): RefusalSpacing {
  if (!spacing) return { refreshedAt: now, waitMs: firstWaitMs };
  const stoodHere = stoodMs >= spacing.waitMs;
  const stoodEverywhere = agoMs >= 2 * spacing.waitMs;
  const waitMs =
    stoodHere || stoodEverywhere ? firstWaitMs : Math.min(longestWaitMs, 2 * spacing.waitMs);
  return { refreshedAt: now, waitMs };
}
