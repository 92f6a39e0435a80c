import type { FetchInit, FetchResponse } from '../../base/fetch-like.js';
import { discardBody } from '../../base/discard-body.js';
import { authorizeNow } from '../../manager/authorize-now.js';
import type { Authorization, TokenManager } from '../../manager/token-manager.js';
import { redirectLocation, type RedirectStep } from '../../tt/redirect.js';
import { withRequestId } from '../../tt/request-url.js';
import { rejectionCheck, type AdapterOptions } from '../shared/options.js';
import { redirectedHeaders, withCredentials } from '../shared/headers.js';
import { isSameOrigin, nextHop, referrerPolicyOf } from './redirect.js';
import { givenBody } from './body.js';
import { readFetchRequest, urlOf, type Attempt, type FetchRequest } from './request.js';
import {
  sendReplayingOnce,
  type FirstAttempt,
  type ReplayableRequest,
} from '../shared/replay-once.js';

export type { AdapterOptions, RejectableResponse } from '../shared/options.js';

type AnyFetch = (...args: never[]) => Promise<FetchResponse>;

/** The type of the given fetch; the init may be left out, whatever it was. */
export type AuthenticatedFetch<Fetch extends AnyFetch> = Fetch extends (input: never) => unknown
  ? Fetch
  : (input: Parameters<Fetch>[0], init?: Parameters<Fetch>[1]) => ReturnType<Fetch>;

/**
 * Wraps a fetch so that requests to trusted origins carry the token, the app key and a new request ID, and
 * are replayed once when the API refuses the token; all others pass through untouched.
 * @throws TypeError at once when `isTokenRejected` is no function; the wrapped fetch rejects with a
 * TokenError when no token can be had.
 */
export function authenticateFetch<
  Fetch extends (input: string | URL, init?: FetchInit) => Promise<FetchResponse>,
>(fetch: Fetch, manager: TokenManager, options?: AdapterOptions): AuthenticatedFetch<Fetch>;
/** The same for a function that takes less, such as text only. */
export function authenticateFetch<Fetch extends AnyFetch>(
  fetch: Fetch,
  manager: TokenManager,
  options?: AdapterOptions,
): AuthenticatedFetch<Fetch>;
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
    const url = urlOf(input);
    if (!manager.isTrusted(url)) return fetch(input, init);
    const reading = readFetchRequest(input, url, init);
    const request = reading instanceof Promise ? await reading : reading;
    const authorization = authorizeNow(manager, request.url);
    if (!authorization) return follow(request, await send(request));
    // Straight on, as almost always: the token is at hand, and the answer neither a refusal nor a redirect.
    const result = await attempt(request, authorization);
    const isRefused = isRejected(result);
    if (isRefused === false && !isFollowed(request, result)) return result;
    return follow(request, await send(request, { authorization, result, isRefused }));
  }

  function send(request: FetchRequest, begun?: FirstAttempt<Response>): Promise<Response> {
    const { url, signal, body } = request;
    const replayable: ReplayableRequest<Response> = {
      url,
      waiting: (wait) => wait(signal),
      get canReplay() {
        return body.canReplay;
      },
      discard: discardBody,
      isTokenRejected: isRejected,
      send: (authorization) => attempt(request, authorization),
    };
    return sendReplayingOnce(manager, replayable, begun);
  }

  function attempt(request: FetchRequest, authorization: Authorization): Promise<Response> {
    const { url, method, headers, body, redirect, referrerPolicy } = request;
    return call(request, withRequestId(url, authorization.requestId), {
      method,
      headers: withCredentials(headers, authorization),
      body: body.content(),
      redirect: redirect === 'follow' ? 'manual' : redirect,
      ...(referrerPolicy && { referrerPolicy }),
    });
  }

  function call(request: FetchRequest, url: string, parts: Attempt): Promise<Response> {
    const [input, init] = request.toCall(url, parts);
    return init === undefined ? fetch(input) : fetch(input, init);
  }

  function isRejected(response: Response): boolean | Promise<boolean> {
    try {
      return isTokenRejected(response);
    } catch (reason) {
      discardBody(response);
      throw reason;
    }
  }

  async function follow(request: FetchRequest, response: Response): Promise<Response> {
    for (let redirects = 0; ; redirects++) {
      const next = isFollowed(request, response) && hopAfter(response, request, redirects);
      if (!next) return after(redirects, response);
      const { url, method } = next;
      const body = next.keepsBody ? request.body : givenBody(null);
      const isTrusted = manager.isTrusted(url);
      // A body goes to no other origin, and a stream that is used up cannot go anywhere.
      if (body.content() !== null && !(isTrusted && body.canReplay))
        return after(redirects, response);
      const policy = referrerPolicyOf(response) ?? request.referrerPolicy;
      const referrer = policy && { referrerPolicy: policy };
      discardBody(response);
      const headers = redirectedHeaders(request.headers, {
        leavesOrigin: !isSameOrigin(request.url, url),
        losesBody: !next.keepsBody,
      });
      if (!isTrusted) {
        const parts: Attempt = { method, headers, body: null, redirect: 'follow', ...referrer };
        return after(redirects + 1, await call(request, url, parts));
      }
      request = { ...request, url, method, headers, body, ...referrer };
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
    discardBody(response);
    throw new TypeError('fetch failed', { cause });
  }
}

/** A response, and each clone of it, as the platform gives it after redirects. */
function after(redirects: number, response: Response): Response {
  if (redirects === 0 || !Object.isExtensible(response)) return response;
  const bare: unknown = Reflect.get(response, 'clone');
  const redefine = (name: string, value: unknown): unknown =>
    Object.defineProperty(response, name, { value, configurable: true, writable: true });
  redefine('redirected', true);
  if (typeof bare === 'function') {
    redefine('clone', () => after(redirects, Reflect.apply(bare, response, []) as Response));
  }
  return response;
}
