import { isUnexpired } from '../base/token.js';
import { restMs, type SharedState } from '../records/record.js';
import type { TokenStatus } from './token-manager.js';

/** Returns the status of a state; a refused token that callers wait to see replaced is not valid. */
export function statusOf(
  { token, failure }: SharedState,
  refusedToken: string | undefined,
  isAwaited: boolean,
): TokenStatus {
  const now = Date.now();
  // Another host's clock may be ahead.
  const retryAt = failure ? Math.min(failure.failedAt, now) + restMs(failure) : now;
  const refused = token !== undefined && token.accessToken === refusedToken;
  return Object.freeze({
    exists: token !== undefined,
    valid: token !== undefined && isUnexpired(token, now) && !(refused && isAwaited),
    ...(refused && { refused }),
    ...(token && {
      expiresAt: token.expiresAt,
      secondsUntilExpiry: Math.max(0, Math.floor((token.expiresAt - now) / 1_000)),
    }),
    ...(retryAt > now && { retryAt }),
  });
}
