import { nextAttemptAt } from './backoff.js';
import type { RefusedToken } from './refresh-request.js';
import { TokenError } from '../base/errors.js';
import type { SharedState, StoredFailure } from '../stores/record.js';
import type { AttemptFailure } from '../tt/token-reply.js';

/**
 * What is recorded of a failed attempt. It continues the row of failures before it; one of refused credentials
 * only that of the same credentials, of which another secret's may have taken the place in the store.
 */
export function toStored(
  { code, message, status, retryAfterMs }: AttemptFailure,
  credentials: string,
  refused: RefusedToken | undefined,
  { token, failure: last }: SharedState,
  ownRefusal: StoredFailure | undefined,
): StoredFailure {
  const failedAt = Date.now();
  const isOfAnother = code === 'CREDENTIALS_REJECTED' && last?.credentials !== credentials;
  const before = isOfAnother ? ownRefusal : last;
  const failures = 1 + (before?.failures ?? 0);
  const held = token?.accessToken === refused?.accessToken ? undefined : token;
  const backOffEndsAt = nextAttemptAt(failedAt, failures, held);
  return {
    code,
    message,
    ...(status !== undefined && { status }),
    failedAt,
    retryAt: Math.max(backOffEndsAt, failedAt + (retryAfterMs ?? 0)),
    isForbidden: retryAfterMs !== undefined,
    failures,
    credentials,
  };
}

/** The error that callers get for a recorded failure. */
export function toError(
  { code, message, status, retryAt }: StoredFailure,
  cause?: Error,
): TokenError {
  return new TokenError({ code, message, status, retryAt, cause });
}
