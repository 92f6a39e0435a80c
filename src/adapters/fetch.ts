import type { TokenManager } from '../token-manager.js';
import { redirectLocation, type RedirectStep } from '../tt/redirect.js';
import { withRequestId } from '../tt/request-url.js';
import { rejectionCheck, type AdapterOptions } from './adapter-options.js';
import { redirectedHeaders, withCredentials } from './credential-headers.js';
import { isSameOrigin, nextHop } from './fetch-redirect.js';
import { readFetchRequest, urlOf, type FetchRequest } from './fetch-request.js';
import { sendReplayingOnce } from './replay-once.js';

export type { AdapterOptions, RejectableResponse } from './adapter-options.js';

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

  function authenticatedFetch(
    input: string | URL | Request,
    init?: RequestInit,
  ): Promise<Response> {
    try {
      if (!manager.isTrusted(urlOf(input))) return fetch(input, init);
      const request = readFetchRequest(input, init);
      return request instanceof Promise ? request.then((read) => send(read)) : send(request);
    } catch (error) {
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- what a caller's own object threw when it was read
      return Promise.reject(error);
    }
  }

  function send(request: FetchRequest, redirects = 0): Promise<Response> {
    const { url, method, headers, body, redirect, signal, canReplay, init } = request;
    return sendReplayingOnce<Response, Response>(manager, {
      url,
      waiting: (wait) => wait(signal),
      canReplay,
      discard: release,
      isTokenRejected,
      send: (authorization) =>
        fetch(withRequestId(url, authorization.requestId), {
          ...init,
          method,
          headers: withCredentials(headers, authorization),
          body: body ?? null,
          redirect: redirect === 'follow' ? 'manual' : redirect,
          signal: signal ?? null,
        }),
      finish(response) {
        const isFollowed = redirect === 'follow' && redirectLocation(response) !== undefined;
        return isFollowed ? follow(response, request, redirects) : after(redirects, response);
      },
    });
  }

  async function follow(
    response: Response,
    request: FetchRequest,
    redirects: number,
  ): Promise<Response> {
    const next = hopAfter(response, request, redirects);
    if (!next) return after(redirects, response);
    const { url, method } = next;
    const keepsBody = next.keepsBody && request.body !== undefined && request.body !== null;
    const isTrusted = manager.isTrusted(url);
    // A body goes to no other origin, and a stream that is used up cannot go anywhere.
    if (keepsBody && !(isTrusted && request.canReplay)) return after(redirects, response);
    await release(response);
    const headers = redirectedHeaders(request.headers, {
      leavesOrigin: !isSameOrigin(request.url, url),
      losesBody: !next.keepsBody,
    });
    const changed = { method, headers, body: keepsBody ? request.body : null };
    if (isTrusted) return send({ ...request, url, ...changed }, redirects + 1);
    const signal = request.signal ?? null;
    return after(redirects + 1, await fetch(url, { ...request.init, ...changed, signal }));
  }

  return authenticatedFetch;
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
