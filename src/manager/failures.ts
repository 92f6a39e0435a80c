import { throwIfAborted } from '../base/abort.js';
import { askedFor } from '../base/asked.js';
import { TokenError } from '../base/errors.js';
import type { Redactor } from '../base/redactor.js';
import type { ResolvedOptions } from '../options/options.js';
import { restMs, type SharedState, type StoredFailure } from '../records/record.js';
import { fingerprint } from '../tt/credentials.js';
import type { AttemptFailure } from '../tt/token-reply.js';
import { attemptWaitMs } from './backoff.js';
import { createElapsed } from './elapsed.js';
import type { Events } from './events.js';
import type { RefreshRequest } from './refresh-request.js';

/** The failures of the past, which forbid an attempt too soon after them, and the secret that some depend on. */
export interface Failures {
  /** Asks for the secret. @throws TokenError when it cannot be read, or the signal's reason. */
  readSecret(request: RefreshRequest): Promise<string>;
  /** Throws the failure that forbids a request now: that of a state, or one of our own credentials. */
  throwStanding(state: SharedState, request: RefreshRequest): Promise<void>;
  /** Makes the record of an attempt that failed with a secret. */
  toRecord(attempt: AttemptFailure, secret: string, state: SharedState): StoredFailure;
  /** The error that callers get. */
  toError(failure: StoredFailure, cause?: Error): TokenError;
  /** Says that an attempt failed. */
  report(request: RefreshRequest, error: TokenError, durationMs?: number): void;
  /** Forgets the last refusal of our own credentials. */
  forget(): void;
}

/** Callers in a back-off ask for the secret, to see whether the failure concerns it, no more often than this. */
const secretKeptMs = 100;

/** Creates the {@link Failures} of one manager. */
export function createFailures(
  { apiKey, timeoutMs, readSecret }: ResolvedOptions,
  events: Events,
  redact: Redactor,
  signal: AbortSignal,
): Failures {
  const ask = askedFor(timeoutMs, signal, async () => readSecret());
  const elapsed = [createElapsed(), createElapsed()] as const;
  /** The last refusal of our own credentials. In the store, another secret's may have replaced it. */
  let own: StoredFailure | undefined;

  const credentialsOf = (secret: string): string => fingerprint(apiKey, secret);
  const agoMs = (failure: StoredFailure): number =>
    elapsed[failure === own ? 1 : 0](failure.failedAt);

  async function secretOf(request: RefreshRequest, keptMs: number): Promise<string> {
    try {
      const secret = await ask(keptMs);
      redact.learnSecret(secret);
      return secret;
    } catch (error) {
      throwIfAborted(signal);
      const cause = redact.error(error);
      const message = `apiSecret could not be read: ${redact.reason(error)}`;
      const unreadable = new TokenError({ code: 'TOKEN_REQUEST_FAILED', message, cause });
      report(request, unreadable);
      throw unreadable;
    }
  }

  /** Returns whether a failure forbids a request now. */
  async function stands(failure: StoredFailure, request: RefreshRequest): Promise<boolean> {
    const { reason, startedAt } = request;
    const isOfThisCall = failure.failedAt > startedAt && failure.failedAt <= Date.now();
    const isForbidden = agoMs(failure) < (failure.forbiddenMs ?? 0);
    const isResting = agoMs(failure) < restMs(failure);
    if (reason === 'forced' ? !isOfThisCall && !isForbidden : !isResting) return false;
    if (failure.code !== 'CREDENTIALS_REJECTED') return true;
    return failure.credentials === credentialsOf(await secretOf(request, secretKeptMs));
  }

  function toError(failure: StoredFailure, cause?: Error): TokenError {
    const { code, message, responseStatus } = failure;
    const retryAt = Math.ceil(Date.now() + restMs(failure) - agoMs(failure));
    return new TokenError({ code, message, responseStatus, retryAt, cause });
  }

  function report({ reason }: RefreshRequest, error: TokenError, durationMs?: number): void {
    const { code, message, responseStatus, retryAt } = error;
    events.emit('refreshFailed', {
      ...{ reason, code, message },
      ...(responseStatus !== undefined && { responseStatus }),
      ...(retryAt !== undefined && { retryAt }),
      ...(durationMs !== undefined && { durationMs }),
    });
  }

  return {
    readSecret: (request) => secretOf(request, 0),
    async throwStanding({ failure }, request) {
      for (const one of [failure, own]) {
        if (one && (await stands(one, request))) throw toError(one);
      }
    },
    toRecord({ code, message, responseStatus, retryAfterMs }, secret, { token, failure: last }) {
      const failedAt = Date.now();
      const credentials = credentialsOf(secret);
      const isOfAnother = code === 'CREDENTIALS_REJECTED' && last?.credentials !== credentials;
      const before = isOfAnother ? own : last;
      const failures = 1 + (before?.failures ?? 0);
      const failure = {
        code,
        message,
        ...(responseStatus !== undefined && { responseStatus }),
        failedAt,
        waitMs: attemptWaitMs(failedAt, failures, token),
        ...(retryAfterMs !== undefined && { forbiddenMs: retryAfterMs }),
        failures,
        credentials,
      };
      if (code === 'CREDENTIALS_REJECTED') own = failure;
      return failure;
    },
    toError,
    report,
    forget: () => void (own = undefined),
  };
}
