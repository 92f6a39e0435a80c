import { withShortWay } from './authorize-now.js';
import { createAuthorizing } from './authorizing.js';
import { keepingAlive, orAborted, reasonOf } from '../base/abort.js';
import { createClosing } from './closing.js';
import type { TokenError } from '../base/errors.js';
import { createEvents } from './events.js';
import { toHeld, type HeldToken } from './held-token.js';
import { resolveOptions, type TokenManagerOptions } from '../options/options.js';
import {
  forcedRequest,
  neededRequest,
  type RefreshRequest,
  type RefusedToken,
} from './refresh-request.js';
import { mayRefreshRefused } from './refusal-spacing.js';
import { createRest } from './rest.js';
import { singleFlight } from '../base/single-flight.js';
import type { GetTokenOptions, TokenManager, TokenStatus } from './token-manager.js';
import { isUnexpired, type Token } from '../base/token.js';
import { statusOf } from './status.js';
import { createTokenSource } from './token-source.js';
import { createTrustCheck } from '../tt/trusted-origins.js';
import { createWakeup } from '../base/wakeup.js';

/**
 * Creates a token manager; it touches neither store nor network before the first call.
 * @throws TypeError or RangeError that names a wrong option.
 */
export function createTokenManager(options: TokenManagerOptions): TokenManager {
  const resolved = resolveOptions(options);
  const { apiKey, baseUrl, refreshBufferMs, autoRefresh, requestIdPrefix } = resolved;
  const events = createEvents();
  const isTrusted = createTrustCheck(baseUrl, resolved.trustedOrigins);
  const closing = createClosing();
  const { signal: closed, throwIfClosed } = closing;
  const parts = { options: resolved, events, isTrusted, signal: closed };
  const { shared, bringToken } = createTokenSource(parts);

  /*
   * Who waits, and for what:
   * - fresh (more than the buffer left): nobody;
   * - ageing: nobody, a refresh runs in the background;
   * - expired, refused or none: everybody, for one refresh that all share;
   * - forced: the forcing callers, for a token obtained after their call.
   * One refresh runs at a time: a forced one waits for the one under way, a later one joins the forced one.
   */
  const needed = singleFlight<Token>();
  const forced = singleFlight<Token>();
  const wakeup = createWakeup(refreshInBackground);
  let held: HeldToken | undefined;
  let refused: RefusedToken | undefined;
  const rest = createRest();

  function getToken({ forceRefresh = false, signal }: GetTokenOptions = {}): Promise<Token> {
    if (closed.aborted) return Promise.reject(closing.error());
    if (signal?.aborted) return Promise.reject(reasonOf(signal));
    if (forceRefresh) return waitFor(refreshForced(), signal);
    const now = Date.now();
    if (held && now < held.ageingAt) return held.promise;
    if (held && now <= held.usableUntil) {
      refreshInBackground();
      return held.promise;
    }
    return waitFor(refreshOrKeep(), signal);
  }

  function waitFor(refreshing: Promise<Token>, signal: AbortSignal | undefined): Promise<Token> {
    const open = orAborted(refreshing, closed);
    return keepingAlive(signal ? orAborted(open, signal) : open);
  }

  /** A refresh that fails is nobody's problem while the old token is valid. */
  async function refreshOrKeep(): Promise<Token> {
    try {
      const token = await refreshNeeded();
      if (held && Date.now() >= held.ageingAt) refreshInBackground();
      return token;
    } catch (error) {
      const token = newestUnexpired();
      if (!token) throw error;
      return token;
    }
  }

  /** The token held or, where another process has stored a newer one meanwhile, that one. */
  function newestUnexpired(): Token | undefined {
    const { token } = shared.known();
    const isBetter =
      token !== undefined &&
      token.accessToken !== refused?.accessToken &&
      token.expiresAt > (held?.token.expiresAt ?? 0);
    if (isBetter) hold(token, false);
    return held && isUnexpired(held.token, Date.now()) ? held.token : undefined;
  }

  function refreshInBackground(): void {
    if (rest.isOn()) scheduleRefresh();
    else void refreshNeeded();
  }

  function refreshNeeded(): Promise<Token> {
    return needed.run(async () => {
      const joined = await forced.current()?.catch(() => undefined);
      return joined ?? refresh(neededRequest(held, refused, refreshBufferMs));
    });
  }

  function refreshForced(): Promise<Token> {
    const startedAt = Date.now();
    return forced.run(async () => {
      const joined = await needed.current()?.catch(() => undefined);
      if (joined && joined.obtainedAt >= startedAt) return joined;
      return refresh(forcedRequest(startedAt));
    });
  }

  async function refresh(request: RefreshRequest): Promise<Token> {
    try {
      const { token, isFetched } = await bringToken(request);
      const refusedMeanwhile =
        token.accessToken === refused?.accessToken && request.refused !== refused;
      if (refusedMeanwhile && !isFetched)
        return await refresh(neededRequest(held, refused, refreshBufferMs));
      hold(token, isFetched);
      return token;
    } catch (error) {
      rest.afterFailure((error as TokenError).retryAt);
      throw error;
    } finally {
      scheduleRefresh();
    }
  }

  function hold(token: Token, isFetched: boolean): void {
    // It was being written when the manager closed.
    if (closed.aborted) return;
    const { accessToken, obtainedAt, expiresAt } = token;
    const isSame = accessToken === (held?.token.accessToken ?? refused?.accessToken);
    held = toHeld(token, apiKey, refreshBufferMs);
    refused = undefined;
    rest.afterToken({ isSame });
    if (!isFetched && !isSame) events.emit('adopted', { obtainedAt, expiresAt });
  }

  function scheduleRefresh(): void {
    if (autoRefresh && (held || refused)) wakeup.at(Math.max(rest.until(), held?.refreshAt ?? 0));
  }

  function invalidate(accessToken: string): void {
    if (closed.aborted || held?.token.accessToken !== accessToken) return;
    const now = Date.now();
    const { obtainedAt, expiresAt } = held.token;
    const willRefresh = mayRefreshRefused(shared.known().spacing, now);
    if (willRefresh) {
      refused = { accessToken, unrefusedSince: held.unrefusedSince };
      held = undefined;
      scheduleRefresh();
    } else {
      held.unrefusedSince = now;
    }
    events.emit('rejected', { obtainedAt, expiresAt, willRefresh });
  }

  function fresh(): HeldToken | undefined {
    return held && Date.now() < held.ageingAt ? held : undefined;
  }

  async function status(): Promise<TokenStatus> {
    throwIfClosed();
    const known = await keepingAlive(orAborted(shared.look(), closed));
    return statusOf(known, refused?.accessToken);
  }

  async function close(): Promise<void> {
    wakeup.stop();
    held = undefined;
    await closing.close(Promise.allSettled([needed.current(), forced.current()]));
  }

  const { authorize, authorizeNow, createRequestId } = createAuthorizing({
    ...{ apiKey, requestIdPrefix, isTrusted },
    ...{ getToken, fresh, throwIfClosed },
  });
  const manager: TokenManager = {
    ...{ getToken, authorize, isTrusted, invalidate, createRequestId, status, close },
    on: events.on,
    [Symbol.asyncDispose]: close,
  };
  return withShortWay(manager, authorizeNow);
}
