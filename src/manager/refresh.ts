import { orAborted, throwIfAborted, withTimeout } from '../base/abort.js';
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
import { nextGeneration, type StoredFailure } from '../records/record.js';
import type { StoreLease, StoreWatch } from '../stores/store.js';
import { isUnexpired, type Token } from '../base/token.js';
import { fingerprint } from '../tt/credentials.js';
import { attemptTokenRequest } from '../tt/token-endpoint.js';
import type { TrustCheck } from '../tt/trusted-origins.js';

/*
 * One refresh: store, lock, store again, token endpoint.
 *
 * 1. A stored token that is good enough for this refresh is taken.
 * 2. A stored failure still in its back-off is everybody's failure, unless the refresh is forced; a
 *    Retry-After binds even then. A refusal of credentials concerns the same key and secret only.
 * 3. Whoever gets the lock looks once more and then asks the endpoint; a token and a failure alike are
 *    written for the others before the lock is given back.
 * 4. Whoever does not get the lock watches the store until a result is there. The watch starts before the next read.
 * 5. Where there is no lock, the endpoint is asked without: the lock saves requests, it never costs a token.
 * 6. Whoever has waited for the lock for 30 s of running time asks without it. Each process has another limit, so
 *    that the first one's token serves the others.
 */

const patienceMs = 30_000;
const patienceSpreadMs = 5_000;
const clockTickMs = 500;

/** Returns how long to wait for a lock. Few processes get a short wait, so that the first is alone for a while. */
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
  /** The last refusal of this manager's own credentials. In the store, another secret's may have replaced it. */
  let ownRefusal: StoredFailure | undefined;
  const redateOwn = createRedating();

  async function refresh(request: RefreshRequest): Promise<Refreshed> {
    let watch: StoreWatch | undefined;
    const clock = startRunningClock(clockTickMs);
    const longestWaitMs = patience();
    try {
      for (;;) {
        const stored = await settle(request);
        if (stored) return stored;
        if (clock.elapsedMs() >= longestWaitMs) return await fetchToken(request);
        const lease = await shared.acquire();
        if (lease === 'unavailable') return await fetchToken(request);
        if (lease) return await refreshUnder(lease, request);
        if (!watch) {
          watch = shared.watch();
          const meanwhile = await settle(request);
          if (meanwhile) return meanwhile;
        }
        await orAborted(watch.changed(), signal);
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

  /** Returns the stored token if it is good enough, else undefined; throws a stored failure that still holds. */
  async function settle(request: RefreshRequest): Promise<Refreshed | undefined> {
    throwIfAborted(signal);
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

    /** Between two refreshes caused by refusals, a refused token stays in use. */
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
    const sentAt = performance.now();
    const outcome = await attemptTokenRequest(endpoint, secret, signal);
    const durationMs = Math.ceil(performance.now() - sentAt);
    if ('failure' in outcome) {
      const failure = toStored(outcome.failure, credentials, refused, shared.known(), ownRefusal);
      if (failure.code === 'CREDENTIALS_REJECTED') ownRefusal = failure;
      await shared.keep({ ...shared.known(), failure }, lease);
      const { code, message, responseStatus, retryAt } = failure;
      events.emit('refreshFailed', {
        reason,
        code,
        message,
        ...(responseStatus !== undefined && { responseStatus }),
        retryAt,
        durationMs,
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
    const { obtainedAt, expiresAt } = token;
    events.emit('refreshed', { reason, obtainedAt, expiresAt, durationMs });
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
      throwIfAborted(signal);
      const code = 'TOKEN_REQUEST_FAILED';
      const cause = redact.error(error);
      const message = `apiSecret could not be read: ${redact.reason(error)}`.slice(0, longestText);
      events.emit('refreshFailed', { reason, code, message });
      throw new TokenError({ code, message, cause });
    }
  }

  return refresh;
}
