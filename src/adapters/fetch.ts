import type { TokenManager } from '../token-manager.js';
import type { RedirectStep } from '../tt/redirect.js';
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

  async function authenticatedFetch(
    input: string | URL | Request,
    init?: RequestInit,
  ): Promise<Response> {
    if (!manager.isTrusted(urlOf(input))) return fetch(input, init);
    const reading = readFetchRequest(input, init);
    let request = reading instanceof Promise ? await reading : reading;
    for (let redirects = 0; ; redirects++) {
      const response = await send(request);
      const next = request.redirect === 'follow' && hopAfter(response, request, redirects);
      if (!next) return redirects > 0 ? asRedirected(response) : response;

      const keepsBody = next.keepsBody && request.body !== undefined && request.body !== null;
      const isTrusted = manager.isTrusted(next.url);
      // A body goes to no other origin, and a stream that is used up cannot go anywhere.
      if (keepsBody && !(isTrusted && request.canReplay)) return response;
      await release(response);
      const headers = redirectedHeaders(request.headers, {
        leavesOrigin: !isSameOrigin(request.url, next.url),
        losesBody: !next.keepsBody,
      });
      const { url, method } = next;
      if (!isTrusted) {
        const foreign = {
          ...request.init,
          method,
          headers,
          body: null,
          signal: request.signal ?? null,
        };
        return asRedirected(await fetch(url, foreign));
      }
      request = { ...request, url, method, headers, body: keepsBody ? request.body : null };
    }
  }

  function send(request: FetchRequest): Promise<Response> {
    const { url, method, headers, body, redirect, signal, canReplay, init } = request;
    return sendReplayingOnce<Response>(manager, {
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
    });
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

function asRedirected(response: Response): Response {
  return Object.defineProperty(response, 'redirected', { value: true, configurable: true });
}
