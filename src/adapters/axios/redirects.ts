import axios from 'axios';
import type { TokenManager } from '../../manager/token-manager.js';
import { redirectLocation } from '../../tt/redirect.js';
import type { Sendable } from './attempt.js';
import { copyOfHeaders } from './headers.js';
import { discard, headersOf, responseOf, type Outcome } from './outcome.js';
import type { AxiosConfigLike, AxiosResponseLike } from './types.js';
import { headersLostTo } from '../shared/headers.js';
import { isSameOrigin, nextHop } from '../fetch/redirect.js';
import { noteRequestId, requestIdOf } from '../shared/request-id-of.js';

/** A request whose redirects are followed. */
export interface Followable extends Sendable {
  /** The config to send a second time; undefined if its body cannot be. */
  readonly again: AxiosConfigLike | undefined;
}

/** Sends the request of a config, some of it changed. */
export interface HopSender {
  toTrusted(changes: Partial<AxiosConfigLike>, target: string): Promise<Outcome>;
  toForeign(changes: Partial<AxiosConfigLike>, requestId: string | undefined): Promise<Outcome>;
}

const uncalled =
  'beforeRedirect is called by the http adapter of axios only, not by an adapter around it';

/** Returns the URL of a config, as axios does. */
export function urlOf(config: AxiosConfigLike): string {
  return new axios.Axios({}).getUri(config as never);
}

/**
 * Returns the fields that keep an adapter from following redirects by itself. None if the caller wants an error for
 * redirects: with maxRedirects 0, axios's fetch adapter would return them.
 */
export function withoutRedirects({ fetchOptions }: AxiosConfigLike): Partial<AxiosConfigLike> {
  if (fetchOptions?.redirect === 'error') return {};
  return { maxRedirects: 0, fetchOptions: { ...fetchOptions, redirect: 'manual' } };
}

/** Returns whether an outcome is a redirect from the network. */
function isRedirect(outcome: Outcome): boolean {
  const response = responseOf(outcome);
  return (
    response !== undefined &&
    !isMade(response) &&
    redirectLocation({ status: response.status, headers: headersOf(response) }) !== undefined
  );
}

/** Follows the redirects of a request that was sent without any, as the platform's fetch would. */
export async function followRedirects(
  manager: TokenManager,
  { given, config, again }: Followable,
  outcome: Outcome,
  send: HopSender,
): Promise<Outcome> {
  const { maxRedirects, fetchOptions } = config;
  if (maxRedirects === 0 || (fetchOptions?.redirect ?? 'follow') !== 'follow') return outcome;
  let changes: Partial<AxiosConfigLike> = {};
  for (let redirects = 0; ; redirects++) {
    const response = responseOf(outcome);
    if (!response || !isRedirect(outcome)) return outcome;
    // In axios's fetch adapter, the platform limits the redirects.
    const most = isFetchRequest(response) ? undefined : maxRedirects;
    if (redirects === most) {
      discard(outcome);
      return { error: failedAfter(response, tooManyRedirects(given)) };
    }
    const answer = { status: response.status, headers: headersOf(response) };
    const { method = 'get', headers, data, ...rest } = { ...(again ?? config), ...changes };
    const url = urlOf(rest);
    const request = { url, method: method.toUpperCase() };
    const kept = copyOfHeaders(headers);
    let next;
    try {
      next = nextHop(answer, request, redirects);
      if (!next) return outcome;
      const leavesOrigin = !isSameOrigin(url, next.url);
      for (const name of headersLostTo({ leavesOrigin, losesBody: !next.keepsBody }))
        kept.delete(name);
      if (config.beforeRedirect && !isFetchRequest(response)) throw new Error(uncalled);
    } catch (cause) {
      discard(outcome);
      return { error: failedAfter(response, redirectFailed(given, response, cause)) };
    }
    const keepsBody = next.keepsBody && data !== undefined && data !== null;
    const isTrusted = manager.isTrusted(next.url);
    // A body goes to no other origin, and a stream that is used up cannot go anywhere.
    if (keepsBody && !(isTrusted && again)) return outcome;
    discard(outcome);
    changes = {
      ...{ url: next.url, baseURL: undefined, params: undefined },
      ...{ method: next.method, headers: kept, data: keepsBody ? data : undefined },
    };
    if (!isTrusted) {
      const following = { ...fetchOptions, redirect: 'follow' };
      // axios would make an Authorization header of `auth`.
      const foreign = {
        ...{ ...changes, fetchOptions: following, auth: undefined },
        ...(most !== undefined && { maxRedirects: most - redirects - 1 }),
      };
      return send.toForeign(foreign, requestIdOf(response));
    }
    outcome = await send.toTrusted(changes, next.url);
  }
}

/** Returns whether a response comes from a test's adapter: its redirects are not followed. */
function isMade({ request }: AxiosResponseLike): boolean {
  return (
    typeof request === 'object' &&
    request !== null &&
    Object.getPrototypeOf(request) === Object.prototype
  );
}

/** Returns whether a response comes from axios's fetch adapter, which calls no `beforeRedirect`. */
function isFetchRequest({ request }: AxiosResponseLike): boolean {
  return Object.prototype.toString.call(request) === '[object Request]';
}

/** Notes on an error the request ID of the redirect before it. */
function failedAfter(response: AxiosResponseLike, error: Error): Error {
  noteRequestId(error, requestIdOf(response));
  return error;
}

/** The error of axios's http adapter after `maxRedirects` redirects. */
function tooManyRedirects(config: AxiosConfigLike): Error {
  const message = 'Maximum number of redirects exceeded';
  return new axios.AxiosError(message, 'ERR_FR_TOO_MANY_REDIRECTS', config as never);
}

/** The error that axios's fetch or http adapter makes of a redirect that cannot be followed. */
function redirectFailed(
  config: AxiosConfigLike,
  response: AxiosResponseLike,
  cause: unknown,
): Error {
  const { message } = cause as Error;
  const [text, code] = isFetchRequest(response)
    ? ['Network Error', 'ERR_NETWORK']
    : [`Redirected request failed: ${message}`, 'ERR_FR_REDIRECTION_FAILURE'];
  const error = new axios.AxiosError(text, code, config as never);
  return Object.defineProperty(error, 'cause', {
    value: cause,
    writable: true,
    configurable: true,
  });
}
