import { orAborted, throwIfAborted } from '../base/abort.js';
import type { TokenError } from '../base/errors.js';
import type { Redactor } from '../base/redactor.js';
import { isUnexpired, type Token } from '../base/token.js';
import type { ResolvedOptions } from '../options/options.js';
import { nextGeneration, type RefusalSpacing, type SharedState } from '../records/record.js';
import type { StoreLease } from '../stores/store.js';
import { attemptTokenRequest } from '../tt/token-endpoint.js';
import type { AttemptFailure } from '../tt/token-reply.js';
import type { TrustCheck } from '../tt/trusted-origins.js';
import { createElapsed } from './elapsed.js';
import type { Events } from './events.js';
import { createFailures } from './failures.js';
import { startLooks } from './looks.js';
import type { RefreshRequest } from './refresh-request.js';
import { mayRefreshRefused, spacingAfterRefresh } from './refusal-spacing.js';
import type { SharedKnowledge } from './shared-state.js';

/*
 * One refresh: store, lock, store again, token endpoint.
 *
 * 1. A stored token that is good enough for this refresh is taken.
 * 2. A stored failure still in its back-off is everybody's failure, unless the refresh is forced; a
 *    Retry-After binds even then. A refusal of credentials concerns the same key and secret only.
 * 3. Whoever gets the lock looks once more and then asks the endpoint; a token and a failure alike are
 *    written for the others before the lock is given back.
 * 4. Whoever does not get the lock looks again after a pause, until a result is there or the wait has been long
 *    enough: then the endpoint is asked without the lock.
 * 5. Where there is no lock, the same: the lock saves requests, it never costs a token.
 */

/** What a refresh brought. */
export interface Refreshed {
  readonly token: Token;
  /** Milliseconds from the token request to its answer; absent where the token was found in the store. */
  readonly durationMs?: number;
}

/** What {@link createRefresh} works with. */
export interface RefreshParts {
  readonly options: ResolvedOptions;
  readonly shared: SharedKnowledge;
  readonly events: Events;
  readonly redact: Redactor;
  readonly isTrusted: TrustCheck;
  /** Aborted when the manager closes. */
  readonly signal: AbortSignal;
}

/** How a manager gets its tokens: from the store that it shares with others, or from the token endpoint. */
export interface Refresh {
  /** Brings a token good enough for a request; rejects with a TokenError, or the signal's reason. */
  bring(request: RefreshRequest): Promise<Refreshed>;
  /** Returns whether a refused token may be replaced now, as far as is known here. */
  mayReplaceRefused(): boolean;
}

/** Creates the {@link Refresh} of one manager. */
export function createRefresh(parts: RefreshParts): Refresh {
  const { options, shared, events, redact, isTrusted, signal } = parts;
  const endpoint = { ...options, isTrusted, redact };
  const failures = createFailures(options, events, redact, signal);
  const elapsed = createElapsed();

  const refusalAgoMs = (spacing: RefusalSpacing | undefined): number =>
    spacing ? elapsed(spacing.refreshedAt) : 0;
  const mayReplaceRefused = ({ spacing }: SharedState): boolean =>
    mayRefreshRefused(spacing, refusalAgoMs(spacing));

  async function bring(request: RefreshRequest): Promise<Refreshed> {
    shared.askAgain();
    const looks = startLooks(signal);
    try {
      for (;;) {
        const stored = await settle(request);
        if (stored) return stored;
        const lease = looks.isEnough() ? 'unavailable' : await shared.acquire();
        if (lease === 'unavailable') return await fetchToken(request);
        if (lease) return await bringUnder(lease, request);
        await looks.pause();
      }
    } finally {
      looks.stop();
    }
  }

  async function bringUnder(lease: StoreLease, request: RefreshRequest): Promise<Refreshed> {
    try {
      return (await settle(request)) ?? (await fetchToken(request, lease));
    } finally {
      await shared.release(lease);
    }
  }

  /** Returns the stored token if it is good enough, else undefined; throws a failure that still stands. */
  async function settle(request: RefreshRequest): Promise<Refreshed | undefined> {
    throwIfAborted(signal);
    const state = await orAborted(shared.look(), signal);
    const { token } = state;
    const isLeft = token !== undefined && isLeftInPlace(token, state, request);
    if (token && (request.isEnough(state) || isLeft)) return { token };
    await failures.throwStanding(state, request);
    return undefined;
  }

  /** Between two refreshes caused by refusals, a refused token stays in use. */
  function isLeftInPlace(token: Token, state: SharedState, { refused }: RefreshRequest): boolean {
    // Asked in any case: the wait counts from when it is first seen here.
    const mayReplace = mayReplaceRefused(state);
    const isRefused = token.accessToken === refused?.accessToken;
    return isRefused && isUnexpired(token, Date.now()) && !mayReplace;
  }

  async function fetchToken(request: RefreshRequest, lease?: StoreLease): Promise<Refreshed> {
    const secret = await failures.readSecret(request);
    request.isSent = true;
    const sentAt = performance.now();
    const outcome = await attemptTokenRequest(endpoint, secret, signal);
    const durationMs = Math.ceil(performance.now() - sentAt);
    if ('token' in outcome) {
      await keepToken(outcome.token, request, lease);
      return { token: outcome.token, durationMs };
    }
    const error = await keepFailure(outcome.failure, secret, lease);
    failures.report(request, error, durationMs);
    const known = shared.known();
    if (known.token && request.isEnough(known)) return { token: known.token };
    throw error;
  }

  async function keepToken(
    token: Token,
    { refused }: RefreshRequest,
    lease: StoreLease | undefined,
  ): Promise<void> {
    failures.forget();
    redact.learnToken(token.accessToken);
    const known = shared.known();
    const agoMs = refusalAgoMs(known.spacing);
    const spacing = refused
      ? spacingAfterRefresh(known.spacing, agoMs, token.obtainedAt, refused.stoodMs)
      : known.spacing;
    const generation = nextGeneration(known);
    refusalAgoMs(spacing);
    await shared.keep({ generation, token, ...(spacing && { spacing }) }, lease);
  }

  async function keepFailure(
    attempt: AttemptFailure,
    secret: string,
    lease: StoreLease | undefined,
  ): Promise<TokenError> {
    const known = shared.known();
    const failure = failures.toRecord(attempt, secret, known);
    await shared.keep({ ...known, failure }, lease);
    return failures.toError(failure, attempt.cause);
  }

  return { bring, mayReplaceRefused: () => mayReplaceRefused(shared.known()) };
}
