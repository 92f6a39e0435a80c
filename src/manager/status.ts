import type { SharedState } from '../records/record.js';
import type { TokenStatus } from './token-manager.js';
import { isUnexpired } from '../base/token.js';

/** Returns the status of a state; a token that the API has refused is not valid. */
export function statusOf(
  { token, failure }: SharedState,
  refusedToken: string | undefined,
): TokenStatus {
  const now = Date.now();
  return Object.freeze({
    exists: token !== undefined,
    valid: token !== undefined && isUnexpired(token, now) && token.accessToken !== refusedToken,
    ...(token && {
      expiresAt: token.expiresAt,
      secondsUntilExpiry: Math.max(0, Math.floor((token.expiresAt - now) / 1_000)),
    }),
    ...(failure && failure.retryAt > now && { retryAt: failure.retryAt }),
  });
}
