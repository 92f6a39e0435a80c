import { orAborted, withTimeout } from '../base/abort.js';
import { startRunningClock } from '../base/running-time.js';
import { TokenError } from '../base/errors.js';
import type { Events } from './events.js';
import { toError, toStored } from './failure.js';
import type { ResolvedOptions } from '../options/options.js';
import { createRedating } from './redating.js';
import type { RefreshRequest } from './refresh-request.js';
import { mayRefreshRefused, spacingAfterRefresh } from './refusal-spacing.js';
import { longestText, type Redactor } from '../base/redactor.js';
import type { SharedKnowledge } from './shared-state.js';
import { nextGeneration, type StoredFailure } from '../stores/record.js';
import type { StoreLease, StoreWatch } from '../stores/store.js';
import { isUnexpired, type Token } from '../base/token.js';
import { fingerprint } from '../tt/credentials.js';
import { attemptTokenRequest } from '../tt/token-endpoint.js';
import type { TrustCheck } from '../tt/trusted-origins.js';

/*
 * One refresh: store, lock, store again, token endpoint.
 *
 * 1. A stored token that is good enough for this refresh is taken: somebody else has paid for it.
 * 2. A stored failure still in its back-off is everybody's failure, unless the refresh is forced; a
 *    Retry-After binds even then. A refusal of credentials concerns the same key and secret only.
 * 3. Whoever gets the lock looks once more and then asks the endpoint; a token and a failure alike are
 *    written for the others before the lock is given back.
 * 4. Whoever does not get it watches the store, opened before it is read again, and leaves with the result.
 * 5. Where there is no lock, the endpoint is asked all the same: the lock saves requests, it costs no token.
 * 6. Whoever has waited for a lock for 30 s of its own running time asks without it, each process at another
 *    moment, so that the others find its token.
 */

const patienceMs = 30_000;
const patienceSpreadMs = 5_000;

/** How long to wait for a lock. Most processes wait for long, so that the first one is alone for a while. */
function patience(): number {
  return patienceMs + patienceSpreadMs * Math.random() ** 0.25;
}

/** What a refresh brought. */
export interface Refreshed {
  readonly token: Token;
  /** Whether it was fetched for this refresh, or found in the store. */
  readonly isFetched: boolean;
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

/**
 * Creates the function that brings a token good enough for a request.
 * It rejects with a TokenError, or the signal's reason.
 */
export function createRefresh(
  parts: RefreshParts,
): (request: RefreshRequest) => Promise<Refreshed> {
  const { options, shared, events, redact, isTrusted, signal } = parts;
  const endpoint = { ...options, isTrusted, redact };
  /** The last refusal of this manager's own credentials: in the store, another secret's may replace it. */
  let ownRefusal: StoredFailure | undefined;
  const redateOwn = createRedating();

  async function refresh(request: RefreshRequest): Promise<Refreshed> {
    let watch: StoreWatch | undefined;
    const clock = startRunningClock();
    const longestWaitMs = patience();
    try {
      for (;;) {
        const stored = await settle(request);
        if (stored) return stored;
        if (clock.elapsedMs() >= longestWaitMs) return await fetchToken(request);
        const lease = await shared.acquire();
        if (lease === 'unavailable') return await fetchToken(request);
        if (lease) return await refreshUnder(lease, request);
        if (watch) await orAborted(watch.changed(), signal);
        else watch = shared.watch();
      }
    } finally {
      clock.stop();
      watch?.close();
    }
  }

  async function refreshUnder(lease: StoreLease, request: RefreshRequest): Promise<Refreshed> {
    try {
      return (await settle(request)) ?? (await fetchToken(request, lease));
    } finally {
      await shared.release(lease);
    }
  }

  /** The token that is already there, or undefined if it has to be fetched; throws a failure that stands. */
  async function settle(request: RefreshRequest): Promise<Refreshed | undefined> {
    signal.throwIfAborted();
    const state = await orAborted(shared.look(), signal);
    const { token, failure, spacing } = state;
    const now = Date.now();
    const isEnough = request.isEnough(state);
    if (token && (isEnough || isLeftInPlace(token))) return { token, isFetched: false };
    const own = redateOwn({ ...(ownRefusal && { failure: ownRefusal }) }).failure;
    for (const one of [failure, own]) {
      if (one && (await stands(one, request, now))) throw toError(one);
    }
    return undefined;

    /** A refusal inside the wait that refusals have to keep leaves the token where it is. */
    function isLeftInPlace({ accessToken }: Token): boolean {
      const isRefused = accessToken === request.refused?.accessToken;
      return isRefused && isUnexpired(token as Token, now) && !mayRefreshRefused(spacing, now);
    }
  }

  async function stands(
    failure: StoredFailure,
    request: RefreshRequest,
    now: number,
  ): Promise<boolean> {
    const isDue = now >= failure.retryAt;
    const isFromThen = failure.failedAt > request.startedAt && failure.failedAt <= now;
    const bindsForced = isFromThen || (failure.isForbidden && !isDue);
    if (request.reason === 'forced' ? !bindsForced : isDue) return false;
    if (failure.code !== 'CREDENTIALS_REJECTED') return true;
    return failure.credentials === (await readSecret(request)).credentials;
  }

  async function fetchToken(request: RefreshRequest, lease?: StoreLease): Promise<Refreshed> {
    const { reason, refused } = request;
    const { secret, credentials } = await readSecret(request);
    const outcome = await attemptTokenRequest(endpoint, secret, signal);
    if ('failure' in outcome) {
      const failure = toStored(outcome.failure, credentials, refused, shared.known(), ownRefusal);
      if (failure.code === 'CREDENTIALS_REJECTED') ownRefusal = failure;
      await shared.keep({ ...shared.known(), failure }, lease);
      const { code, message, status, retryAt } = failure;
      events.emit('refreshFailed', {
        reason,
        code,
        message,
        ...(status !== undefined && { status }),
        retryAt,
      });
      const known = shared.known();
      if (known.token && request.isEnough(known)) return { token: known.token, isFetched: false };
      throw toError(failure, outcome.failure.cause);
    }
    const { token } = outcome;
    ownRefusal = undefined;
    redact.learn(token.accessToken);
    const known = shared.known();
    const before = known.spacing;
    const generation = nextGeneration(known);
    const spacing = refused
      ? spacingAfterRefresh(before, token.obtainedAt, refused.unrefusedSince)
      : before;
    await shared.keep({ generation, token, ...(spacing && { spacing }) }, lease);
    events.emit('refreshed', { reason, obtainedAt: token.obtainedAt, expiresAt: token.expiresAt });
    return { token, isFetched: true };
  }

  async function readSecret({
    reason,
  }: RefreshRequest): Promise<{ secret: string; credentials: string }> {
    try {
      const secret = await withTimeout(options.timeoutMs, signal, async () => options.readSecret());
      redact.learn(secret);
      return { secret, credentials: fingerprint(options.apiKey, secret) };
    } catch (error) {
      signal.throwIfAborted();
      const code = 'TOKEN_REQUEST_FAILED';
      const cause = redact.error(error);
      const message = `apiSecret could not be read: ${redact.reason(error)}`.slice(0, longestText);
      events.emit('refreshFailed', { reason, code, message });
      throw new TokenError({ code, message, cause });
    }
  }

  return refresh;
}
