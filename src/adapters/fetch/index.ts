import { authorizeNow } from '../../manager/authorize-now.js';
import type { Authorization, TokenManager } from '../../manager/token-manager.js';
import { redirectLocation, type RedirectStep } from '../../tt/redirect.js';
import { withRequestId } from '../../tt/request-url.js';
import { rejectionCheck, type AdapterOptions } from '../shared/options.js';
import { redirectedHeaders, withCredentials } from '../shared/headers.js';
import { isSameOrigin, nextHop } from './redirect.js';
import { readFetchRequest, urlOf, type FetchRequest } from './request.js';
import {
  sendReplayingOnce,
  type FirstAttempt,
  type ReplayableRequest,
} from '../shared/replay-once.js';

export type { AdapterOptions, RejectableResponse } from '../shared/options.js';

const longestDrainedBody = 65_536;

/**
 * Wraps a fetch so that requests to trusted origins carry the token, the app key and a new request ID, and
 * are replayed once when the API refuses the token; all others pass through untouched.
 * @throws TypeError at once when `isTokenRejected` is no function; the wrapped fetch rejects with a
 * TokenError when no token can be had.
 */
export function authenticateFetch(
  fetch: typeof globalThis.fetch,
  manager: TokenManager,
  options?: AdapterOptions,
): typeof globalThis.fetch {
  const isTokenRejected = rejectionCheck(options);

  async function authenticatedFetch(
    input: string | URL | Request,
    init?: RequestInit,
  ): Promise<Response> {
    if (!manager.isTrusted(urlOf(input))) return fetch(input, init);
    const reading = readFetchRequest(input, init);
    const request = reading instanceof Promise ? await reading : reading;
    const authorization = authorizeNow(manager, request.url);
    if (!authorization) return follow(request, await send(request));
    // Straight on, as almost always: the token is at hand, and the answer neither a refusal nor a redirect.
    const result = await attempt(request, authorization);
    const isRefused = isTokenRejected(result);
    if (isRefused === false && !isFollowed(request, result)) return result;
    return follow(request, await send(request, { authorization, result, isRefused }));
  }

  function send(request: FetchRequest, begun?: FirstAttempt<Response>): Promise<Response> {
    const { url, signal, canReplay } = request;
    const replayable: ReplayableRequest<Response> = {
      url,
      waiting: (wait) => wait(signal),
      canReplay,
      discard: release,
      isTokenRejected,
      send: (authorization) => attempt(request, authorization),
    };
    return sendReplayingOnce(manager, replayable, begun);
  }

  function attempt(
    { url, method, headers, body, redirect, signal, init }: FetchRequest,
    authorization: Authorization,
  ): Promise<Response> {
    return fetch(withRequestId(url, authorization.requestId), {
      ...init,
      method,
      headers: withCredentials(headers, authorization),
      body: body ?? null,
      redirect: redirect === 'follow' ? 'manual' : redirect,
      signal: signal ?? null,
    });
  }

  async function follow(request: FetchRequest, response: Response): Promise<Response> {
    for (let redirects = 0; ; redirects++) {
      const next = isFollowed(request, response) && hopAfter(response, request, redirects);
      if (!next) return after(redirects, response);
      const { url, method } = next;
      const body = next.keepsBody ? (request.body ?? null) : null;
      const isTrusted = manager.isTrusted(url);
      // A body goes to no other origin, and a stream that is used up cannot go anywhere.
      if (body !== null && !(isTrusted && request.canReplay)) return after(redirects, response);
      await release(response);
      const headers = redirectedHeaders(request.headers, {
        leavesOrigin: !isSameOrigin(request.url, url),
        losesBody: !next.keepsBody,
      });
      const changed = { method, headers, body };
      if (!isTrusted) {
        const signal = request.signal ?? null;
        return after(redirects + 1, await fetch(url, { ...request.init, ...changed, signal }));
      }
      request = { ...request, url, ...changed };
      response = await send(request);
    }
  }

  return authenticatedFetch;
}

function isFollowed({ redirect }: FetchRequest, response: Response): boolean {
  return redirect === 'follow' && redirectLocation(response) !== undefined;
}

/** The next hop; where there can be none, it fails as the platform does. */
function hopAfter(
  response: Response,
  request: FetchRequest,
  redirects: number,
): RedirectStep | undefined {
  try {
    return nextHop(response, request, redirects);
  } catch (cause) {
    void release(response);
    throw new TypeError('fetch failed', { cause });
  }
}

/** Frees the connection of a response that nobody will read: a short body is read, a long one given up. */
async function release(response: Response): Promise<void> {
  const length = Number(response.headers.get('content-length') ?? NaN);
  const releasing = length <= longestDrainedBody ? response.arrayBuffer() : response.body?.cancel();
  await releasing?.catch(() => undefined);
}

/** A response as the platform gives it after redirects. */
function after(redirects: number, response: Response): Response {
  if (redirects === 0) return response;
  return Object.defineProperty(response, 'redirected', { value: true, configurable: true });
}
