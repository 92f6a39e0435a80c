import type { FetchInit, FetchResponse } from '../../base/fetch-like.js';
import { discardBody } from '../../base/discard-body.js';
import { authorizeNow } from '../../manager/authorize-now.js';
import type { Authorization, TokenManager } from '../../manager/token-manager.js';
import { redirectLocation, type RedirectStep } from '../../tt/redirect.js';
import { withRequestId } from '../../tt/request-url.js';
import { rejectionCheck, type AdapterOptions } from '../shared/options.js';
import { redirectedHeaders, withCredentials } from '../shared/headers.js';
import { noteRequestId, requestIdOf } from '../shared/request-id-of.js';
import { isSameOrigin, nextHop, referrerPolicyOf } from './redirect.js';
import { givenBody } from './body.js';
import { readFetchRequest, urlOf, type Attempt, type FetchRequest } from './request.js';
import {
  sendReplayingOnce,
  type FirstAttempt,
  type ReplayableRequest,
} from '../shared/replay-once.js';

export type { AdapterOptions, RejectableResponse } from '../shared/options.js';

/** Any function that returns responses. */
export type AnyFetch = (...args: never[]) => Promise<FetchResponse>;

/** The type of the given fetch; its second argument becomes optional. */
export type AuthenticatedFetch<Fetch extends AnyFetch> = Fetch extends (input: never) => unknown
  ? Fetch
  : (input: Parameters<Fetch>[0], init?: Parameters<Fetch>[1]) => ReturnType<Fetch>;

/**
 * Wraps a fetch so that requests to trusted origins carry the token, the app key and a new request ID, and
 * are replayed once when the API refuses the token; all others pass through untouched. Give a `dispatcher` in the
 * init: Node 24 and newer show that of a `Request` to nobody, so that it is not used.
 * @throws TypeError at once when `isTokenRejected` is no function; the wrapped fetch rejects with a
 * TokenError when no token can be had.
 * @typeParam Fetch - the type of the fetch, which is that of the result too
 */
export function authenticateFetch<
  Fetch extends (input: string | URL, init?: FetchInit) => Promise<FetchResponse>,
>(fetch: Fetch, manager: TokenManager, options?: AdapterOptions): AuthenticatedFetch<Fetch>;
/**
 * The same for a function that takes less, such as text only.
 * @typeParam Fetch - the type of the function
 */
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
  const isRejected = rejectionCheck(options);

  function isTokenRejected({ url }: FetchRequest, response: Response): boolean | Promise<boolean> {
    return isRejected({ status: response.status, headers: response.headers, url });
  }

  async function authenticatedFetch(
    input: string | URL | Request,
    init?: RequestInit,
  ): Promise<Response> {
    const url = urlOf(input);
    if (!manager.isTrusted(url)) return fetch(input, init);
    const reading = readFetchRequest(input, url, init);
    // Not by instanceof: a program may have put another Promise in the place of the global one.
    const request = 'then' in reading ? await reading : reading;
    const authorization = authorizeNow(manager, request.url);
    if (!authorization) return follow(request, await send(request));
    // The usual case: the token is in memory, and the answer is neither a refusal nor a redirect.
    let result: Response;
    try {
      result = await attempt(request, authorization);
    } catch (error) {
      note(error, request, authorization.requestId);
      throw error;
    }
    const isRefused = isTokenRejected(request, result);
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
      isTokenRejected: (response) => isTokenRejected(request, response),
      send: (authorization) =>
        noting(request, authorization.requestId, () => attempt(request, authorization)),
      sendBare: () => attempt(request),
    };
    return sendReplayingOnce(manager, replayable, begun);
  }

  function attempt(request: FetchRequest, authorization?: Authorization): Promise<Response> {
    const { url, method, headers, body, redirect, referrerPolicy } = request;
    return call(request, authorization ? withRequestId(url, authorization.requestId) : url, {
      method,
      headers: authorization ? withCredentials(headers, authorization) : (headers ?? {}),
      body: body.content(),
      redirect: redirect === 'follow' ? 'manual' : redirect,
      ...(referrerPolicy && { referrerPolicy }),
    });
  }

  function call(request: FetchRequest, url: string, parts: Attempt): Promise<Response> {
    return fetch(...request.toCall(url, parts));
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
        const requestId = requestIdOf(response);
        const send = (): Promise<Response> => call(request, url, parts);
        const last = await noting(request, requestId, send);
        noteRequestId(last, requestId);
        return after(redirects + 1, last);
      }
      request = { ...request, url, method, headers, body, ...referrer };
      response = await send(request);
    }
  }

  return authenticatedFetch;
}

/** Sends a request, and notes its request ID where that fails. */
async function noting(
  request: FetchRequest,
  requestId: string | undefined,
  send: () => Promise<Response>,
): Promise<Response> {
  try {
    return await send();
  } catch (error) {
    note(error, request, requestId);
    throw error;
  }
}

/** Notes the request ID of a failed request on the error, and on the Request that ky's timeout error refers to. */
function note(error: unknown, { input }: FetchRequest, requestId: string | undefined): void {
  noteRequestId(error, requestId);
  noteRequestId(input, requestId);
}

function isFollowed({ redirect }: FetchRequest, response: Response): boolean {
  return redirect === 'follow' && redirectLocation(response) !== undefined;
}

/** Returns the next hop; throws the platform's error if there can be none. */
function hopAfter(
  response: Response,
  request: FetchRequest,
  redirects: number,
): RedirectStep | undefined {
  try {
    return nextHop(response, request, redirects);
  } catch (cause) {
    discardBody(response);
    const error = new TypeError('fetch failed', { cause });
    noteRequestId(error, requestIdOf(response));
    throw error;
  }
}

/** Marks a response, and each clone of it, as redirected, as the platform does. */
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
