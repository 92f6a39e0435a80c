import { keepingAlive, orAborted, reasonOf, throwIfAborted, withTimeout } from '../base/abort.js';
import { TokenError } from '../base/errors.js';
import { createRedactor } from '../base/redactor.js';
import { isUnexpired, type Token } from '../base/token.js';
import { createWakeup } from '../base/wakeup.js';
import { resolveOptions, type TokenManagerOptions } from '../options/options.js';
import { apiUrl } from '../tt/api-url.js';
import { createTrustCheck } from '../tt/trusted-origins.js';
import { createAuthorizing } from './authorizing.js';
import { wrongOptions } from './call-options.js';
import { createEvents } from './events.js';
import { createFlights } from './flights.js';
import { toHeld, type HeldToken } from './held-token.js';
import { createRefresh, type Refreshed } from './refresh.js';
import {
  forcedRequest,
  neededRequest,
  type RefreshRequest,
  type RefusedToken,
} from './refresh-request.js';
import { createRest } from './rest.js';
import { createSharedKnowledge } from './shared-state.js';
import { statusOf } from './status.js';
import type { GetTokenOptions, TokenManager, TokenStatus } from './token-manager.js';

/** A store that hangs does not keep a manager from closing. */
const closeMs = 2_000;

/**
 * Creates a token manager; it touches neither store nor network before the first call.
 * @throws TypeError or RangeError that names a wrong option.
 */
export function createTokenManager(options: TokenManagerOptions): TokenManager {
  const resolved = resolveOptions(options);
  const { apiKey, givenSecret, encryptionKey, refreshBufferMs, autoRefresh } = resolved;
  const events = createEvents();
  const isTrusted = createTrustCheck(resolved.baseUrl, resolved.trustedOrigins);
  // The key of a function is known only after its first call.
  const keyTexts = (): readonly string[] => encryptionKey?.texts() ?? [];
  const redact = createRedactor(apiKey, ...(givenSecret ? [givenSecret] : []), keyTexts);
  const closing = new AbortController();
  const { signal: closed } = closing;
  const shared = createSharedKnowledge(resolved, events, redact);
  const parts = { options: resolved, shared, events, redact, isTrusted, signal: closed };
  const { bring, mayReplaceRefused } = createRefresh(parts);

  /*
   * Who waits, and for what:
   * - fresh (more than the buffer left): nobody;
   * - ageing: nobody, a refresh runs in the background;
   * - expired or none, or refused just now: everybody, for one refresh that all share;
   * - refused, and not to be replaced now: nobody, it stays in use and a refresh runs in the background;
   * - forced: the forcing callers, for a token whose request is sent after their call.
   */
  let held: HeldToken | undefined;
  /** The token held, if it was refused and is to be replaced. */
  let refused: RefusedToken | undefined;
  /** Whether callers wait for its replacement. */
  let isAwaited = false;
  const rest = createRest();
  const wakeup = createWakeup(refreshInBackground);
  const neededNow = (): RefreshRequest => neededRequest(held, refused, refreshBufferMs);
  const flights = createFlights(refresh, { needed: neededNow, forced: forcedRequest });

  function getToken(given: GetTokenOptions = {}): Promise<Token> {
    const wrong = wrongOptions(given);
    if (wrong) return Promise.reject(wrong);
    const { forceRefresh = false, signal } = given;
    if (closed.aborted) return Promise.reject(reasonOf(closed));
    if (signal?.aborted) return Promise.reject(reasonOf(signal));
    const now = Date.now();
    if (forceRefresh) return waitFor(forced(now), signal);
    if (!held || isAwaited || now > held.usableUntil) return waitFor(refreshOrKeep(), signal);
    if (refused || now >= held.ageingAt) refreshInBackground();
    return held.promise;
  }

  function waitFor(refreshing: Promise<Token>, signal: AbortSignal | undefined): Promise<Token> {
    const open = orAborted(refreshing, closed);
    return keepingAlive(signal ? orAborted(open, signal) : open);
  }

  async function forced(askedAt: number): Promise<Token> {
    return (await flights.forced(askedAt)).token;
  }

  /** A refresh that fails is nobody's problem while the old token is valid. */
  async function refreshOrKeep(): Promise<Token> {
    try {
      const { token } = await flights.needed();
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
    if (isBetter) hold({ token });
    return held && isUnexpired(held.token, Date.now()) ? held.token : undefined;
  }

  function refreshInBackground(): void {
    if (rest.isOn()) scheduleRefresh();
    else void flights.needed();
  }

  async function refresh(request: RefreshRequest): Promise<Refreshed> {
    try {
      const refreshed = await bring(request);
      const { token, durationMs } = refreshed;
      const isRefusedMeanwhile =
        token.accessToken === refused?.accessToken && request.refused !== refused;
      if (isRefusedMeanwhile && durationMs === undefined) {
        // Whatever is sent from here on is too late for a forced call to join.
        request.isSent = true;
        return await refresh(neededNow());
      }
      hold(refreshed, request);
      return refreshed;
    } catch (error) {
      isAwaited = false;
      rest.afterFailure((error as TokenError).retryAt);
      throw error;
    } finally {
      scheduleRefresh();
    }
  }

  function hold({ token, durationMs }: Refreshed, request?: RefreshRequest): void {
    // It was being written when the manager closed.
    if (closed.aborted) return;
    const { accessToken, obtainedAt, expiresAt } = token;
    const isSame = accessToken === held?.token.accessToken;
    held = toHeld(token, refreshBufferMs);
    refused = undefined;
    isAwaited = false;
    rest.afterToken({ isSame: isSame && durationMs !== undefined });
    if (request && durationMs !== undefined) {
      events.emit('refreshed', { reason: request.reason, obtainedAt, expiresAt, durationMs });
    } else if (!isSame) {
      events.emit('adopted', { obtainedAt, expiresAt });
    }
  }

  function scheduleRefresh(): void {
    if (!autoRefresh || !held) return;
    wakeup.at(Math.max(rest.until(), refused ? 0 : held.refreshAt));
  }

  function invalidate(accessToken: string): void {
    if (closed.aborted || held?.token.accessToken !== accessToken) return;
    // Reported already, by another caller.
    if (isAwaited) return;
    const { unrefusedSince, token } = held;
    const now = Date.now();
    refused = { accessToken, stoodMs: now - unrefusedSince };
    held.unrefusedSince = now;
    isAwaited = true;
    scheduleRefresh();
    const { obtainedAt, expiresAt } = token;
    events.emit('rejected', { obtainedAt, expiresAt, willRefresh: mayReplaceRefused() });
  }

  async function status(): Promise<TokenStatus> {
    throwIfAborted(closed);
    shared.askAgain();
    const known = await keepingAlive(orAborted(shared.look(), closed));
    return statusOf(known, refused?.accessToken, isAwaited);
  }

  async function close(): Promise<void> {
    wakeup.stop();
    held = undefined;
    closing.abort(
      new TokenError({ code: 'MANAGER_CLOSED', message: 'the token manager is closed' }),
    );
    const unlimited = new AbortController().signal;
    await keepingAlive(withTimeout(closeMs, unlimited, flights.ended)).catch(() => undefined);
    events.end();
  }

  const { authorize, createRequestId } = createAuthorizing(resolved, isTrusted, getToken, closed);
  return {
    ...{ getToken, authorize, isTrusted, invalidate, createRequestId, status, close },
    on: events.on,
    apiUrl: (service, path) => apiUrl(resolved, service, path),
    [Symbol.asyncDispose]: close,
  };
}
