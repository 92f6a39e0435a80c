import type { FetchInit, FetchResponse } from '../../base/fetch-like.js';
import type { TokenManager } from '../../manager/token-manager.js';
import { rulesOf, type AdapterOptions } from '../shared/options.js';
import { createFetchSender } from './send.js';

export type { AdapterOptions, Attempt, RejectableResponse } from '../shared/options.js';

/** Any function that returns responses. */
export type AnyFetch = (...args: never[]) => Promise<FetchResponse>;

/** The type of the given fetch; its second argument becomes optional. */
export type AuthenticatedFetch<Fetch extends AnyFetch> = Fetch extends (input: never) => unknown
  ? Fetch
  : (input: Parameters<Fetch>[0], init?: Parameters<Fetch>[1]) => ReturnType<Fetch>;

/**
 * Wraps a fetch so that requests to trusted origins carry the token, the app key and a new request ID, and
 * are replayed once when the API refuses the token; all others pass through untouched.
 *
 * - A body is sent again unless it is a stream of its own; the body of a `Request` also if it is in memory as a
 *   whole (text, bytes, a form), or no longer than 1 MiB.
 * - While a new token is fetched, a refused response is read, up to 64 KiB and half a second, so that it holds no
 *   connection. If there is no new token, it ends after what was read.
 * - Give a `dispatcher` in the init: Node 24 and newer show that of a `Request` to nobody, so that it is not used.
 * - What repeats requests below, such as undici's `RetryAgent` and its retry interceptor, repeats the request ID.
 *   Retry above instead.
 * - A cache below that goes by the URL finds nothing, as each request ID makes another one. Put caches above.
 * - undici's `MockAgent` has to match a path with the request ID: by a function or a regular expression.
 * @throws TypeError at once for a wrong option; the wrapped fetch rejects with a TokenError when no token can be had.
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
  return createFetchSender(fetch, manager, rulesOf(options));
}
