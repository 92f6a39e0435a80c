import { nextAttemptAt } from './backoff.js';
import type { RefusedToken } from './refresh-request.js';
import { TokenError } from '../base/errors.js';
import type { SharedState, StoredFailure } from '../records/record.js';
import type { AttemptFailure } from '../tt/token-reply.js';

/**
 * Makes the record of a failed attempt. It counts the failures before it. A refusal of credentials counts only
 * refusals of the same credentials: in the store, another secret's failure may have replaced them.
 */
export function toStored(
  { code, message, responseStatus, retryAfterMs }: AttemptFailure,
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
    ...(responseStatus !== undefined && { responseStatus }),
    failedAt,
    retryAt: Math.max(backOffEndsAt, failedAt + (retryAfterMs ?? 0)),
    isForbidden: retryAfterMs !== undefined,
    failures,
    credentials,
  };
}

/** The error that callers get for a recorded failure. */
export function toError(
  { code, message, responseStatus, retryAt }: StoredFailure,
  cause?: Error,
): TokenError {
  return new TokenError({ code, message, responseStatus, retryAt, cause });
}
