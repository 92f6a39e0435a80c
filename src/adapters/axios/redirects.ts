import axios, { AxiosHeaders } from 'axios';
import type { TokenManager } from '../../manager/token-manager.js';
import { redirectLocation } from '../../tt/redirect.js';
import { headersOf, release, responseOf, type Outcome } from './attempt.js';
import type { AxiosConfigLike } from './types.js';
import { headersLostTo } from '../shared/headers.js';
import { isSameOrigin, nextHop } from '../fetch/redirect.js';
import { isReplayable } from '../shared/replayable.js';

/** What axios itself takes for an absolute URL. */
export function isAbsoluteUrl(url: string): boolean {
  return /^([a-z][a-z\d+\-.]*:)?\/\//i.test(url);
}

/** Sends the request of a config, some of it changed. */
export interface HopSender {
  toTrusted(changes: Partial<AxiosConfigLike>, target: string): Promise<Outcome>;
  toForeign(changes: Partial<AxiosConfigLike>): Promise<Outcome>;
}

/**
 * Sends a request and its redirects, as the platform's fetch would follow them: axios's fetch adapter asks
 * nobody before it follows one.
 */
export async function followRedirects(
  manager: TokenManager,
  config: AxiosConfigLike,
  target: string,
  send: HopSender,
): Promise<Outcome> {
  const { maxRedirects, fetchOptions } = config;
  const mode = maxRedirects === 0 ? 'manual' : (fetchOptions?.redirect ?? 'follow');
  const redirect = mode === 'error' ? 'error' : 'manual';
  let changes: Partial<AxiosConfigLike> = { fetchOptions: { ...fetchOptions, redirect } };
  for (let redirects = 0; ; redirects++) {
    const outcome = await send.toTrusted(changes, target);
    const response = responseOf(outcome);
    if (!response || mode !== 'follow') return outcome;
    const answer = { status: response.status, headers: headersOf(response) };
    if (redirectLocation(answer) === undefined) return outcome;
    const { method = 'get', headers, data, ...rest } = { ...config, ...changes };
    const url = axios.getUri(rest as never);
    let next;
    try {
      next = nextHop(answer, { url, method: method.toUpperCase() }, redirects);
    } catch (cause) {
      release(response);
      return { error: networkError(config, cause) };
    }
    if (!next) return outcome;
    const keepsBody = next.keepsBody && data !== undefined && data !== null;
    const isTrusted = manager.isTrusted(next.url);
    // A body goes to no other origin, and a stream that is used up cannot go anywhere.
    if (keepsBody && !(isTrusted && isReplayable(data))) return outcome;
    release(response);
    const leavesOrigin = !isSameOrigin(url, next.url);
    const kept = AxiosHeaders.concat(headers as never);
    for (const name of headersLostTo({ leavesOrigin, losesBody: !next.keepsBody }))
      kept.delete(name);
    changes = {
      ...changes,
      ...{ url: next.url, baseURL: undefined, params: undefined },
      ...{ method: next.method, headers: kept, data: keepsBody ? data : undefined },
    };
    if (!isTrusted) {
      const following = { ...fetchOptions, redirect: 'follow' };
      // axios would make an Authorization header of it.
      return send.toForeign({ ...changes, fetchOptions: following, auth: undefined });
    }
    target = next.url;
  }
}

/** What axios makes of a fetch that failed. */
function networkError(config: AxiosConfigLike, cause: unknown): Error {
  const { AxiosError } = axios;
  const error = new AxiosError('Network Error', AxiosError.ERR_NETWORK, config as never);
  return Object.defineProperty(error, 'cause', {
    value: cause,
    writable: true,
    configurable: true,
  });
}
