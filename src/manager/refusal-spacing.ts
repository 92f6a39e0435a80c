import type { RefusalSpacing } from '../records/record.js';

const firstWaitMs = 1_000;
const longestWaitMs = 600_000;

/** Returns whether a refused token may be replaced now. */
export function mayRefreshRefused(spacing: RefusalSpacing | undefined, now: number): boolean {
  if (!spacing) return true;
  const isClockSetBack = spacing.refreshedAt > now + 60_000;
  return isClockSetBack || now >= spacing.refreshedAt + spacing.waitMs;
}

/**
 * Returns the spacing after a refresh that a refusal causes now. The wait doubles, unless a token was not refused
 * for as long as the current wait: then it starts anew. Either this process saw that, or no refresh followed the
 * end of the wait, as any refusal would have caused one.
 * @param unrefusedSince epoch ms since which this process has seen no refusal of the token
 */
export function spacingAfterRefresh(
  spacing: RefusalSpacing | undefined,
  now: number,
  unrefusedSince: number,
): RefusalSpacing {
  if (!spacing) return { refreshedAt: now, waitMs: firstWaitMs };
  const stoodHere = now - unrefusedSince >= spacing.waitMs;
  const stoodEverywhere = now - spacing.refreshedAt >= 2 * spacing.waitMs;
  const waitMs =
    stoodHere || stoodEverywhere ? firstWaitMs : Math.min(longestWaitMs, 2 * spacing.waitMs);
  return { refreshedAt: now, waitMs };
}
