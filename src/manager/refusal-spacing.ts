import type { RefusalSpacing } from '../stores/record.js';

const firstWaitMs = 1_000;
const longestWaitMs = 600_000;

/** Tells whether a refusal may cause a refresh now, or leaves the token in place. */
export function mayRefreshRefused(spacing: RefusalSpacing | undefined, now: number): boolean {
  if (!spacing) return true;
  const isClockSetBack = spacing.refreshedAt > now + 60_000;
  return isClockSetBack || now >= spacing.refreshedAt + spacing.waitMs;
}

/**
 * The spacing after a refresh that a refusal causes now. The wait starts anew once a token has stood
 * unrefused for as long as the current wait: seen by this process itself, or proven by the silence since
 * the wait ended, as any refusal in that time would have caused a refresh. Otherwise it doubles.
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
