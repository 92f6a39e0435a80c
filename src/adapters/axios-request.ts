import { AxiosHeaders } from 'axios';
import type { Authorization, TokenManager } from '../token-manager.js';
import { redirectStep } from '../tt/redirect.js';
import { withRequestId } from '../tt/request-url.js';
import type { AdapterOptions } from './adapter-options.js';
import { cleanError, cleanResponse } from './axios-cleanup.js';
import type {
  AxiosAdapterLike,
  AxiosConfigLike,
  AxiosResponseLike,
  RedirectOptions,
} from './axios-types.js';
import { startWait, timeoutMessage, type AxiosWait } from './axios-wait.js';
import { isFetchAdapter } from './axios-inner.js';
import { isCredential } from './credential-headers.js';
import { sendReplayingOnce } from './replay-once.js';
import { isReplayable } from './replay.js';

type RejectionCheck = NonNullable<AdapterOptions['isTokenRejected']>;

/** Sends a request through the given inner adapter. */
export type AxiosSender = (
  inner: AxiosAdapterLike,
  config: AxiosConfigLike,
) => Promise<AxiosResponseLike>;

/** A response, or the error that axios made of it or of its absence. */
type Outcome = { readonly response: AxiosResponseLike } | { readonly error: unknown };

const mostRedirects = 21;
/** What axios itself takes for an absolute URL. */
const absoluteUrl = /^([a-z][a-z\d+\-.]*:)?\/\//i;

/** Creates what stands below all interceptors and transforms of an instance. */
export function createAxiosSender(
  manager: TokenManager,
  isTokenRejected: RejectionCheck,
): AxiosSender {
  return async (inner, config) => {
    const target = trustedTarget(config, manager);
    if (target === undefined) return inner(config);
    const wait = startWait(config);
    try {
      const outcome = await (isFetchAdapter(inner, config)
        ? follow(inner, config, target, wait)
        : send(inner, config, target, wait));
      if ('error' in outcome) throw cleanError(outcome.error, config);
      return cleanResponse(outcome.response, config);
    } finally {
      wait.end();
    }
  };

  /** Sends the request and its redirects: axios's fetch adapter asks nobody before it follows one. */
  async function follow(
    inner: AxiosAdapterLike,
    config: AxiosConfigLike,
    target: string,
    wait: AxiosWait,
  ): Promise<Outcome> {
    const { maxRedirects = mostRedirects, fetchOptions } = config;
    const mode = fetchOptions?.redirect ?? (maxRedirects > 0 ? 'follow' : 'manual');
    const manual = { ...fetchOptions, redirect: mode === 'error' ? 'error' : 'manual' };
    let current: AxiosConfigLike = { ...config, fetchOptions: manual };
    for (let redirects = 0; ; redirects++) {
      const outcome = await send(inner, current, target, wait);
      const response = responseOf(outcome);
      if (!response || mode !== 'follow' || redirects >= maxRedirects) return outcome;
      const request = { url: urlOf(current), method: (current.method ?? 'get').toUpperCase() };
      const { status } = response;
      const headers = { get: (name: string) => header(response, name) };
      const next = redirectStep({ status, headers }, request);
      if (!next) return outcome;
      const keepsBody = next.keepsBody && current.data !== undefined && current.data !== null;
      const isTrusted = manager.isTrusted(next.url);
      if (keepsBody && !(isTrusted && isReplayable(current.data))) return outcome;
      const kept = AxiosHeaders.concat(current.headers as never);
      if (!keepsBody) kept.delete('content-type');
      if (!isTrusted)
        for (const name of ['authorization', 'x-api-key', 'cookie']) kept.delete(name);
      current = {
        ...current,
        url: next.url,
        method: next.method,
        headers: kept,
        data: keepsBody ? current.data : undefined,
        baseURL: undefined,
        params: undefined,
      };
      if (!isTrusted) {
        return attempt(inner, { ...current, fetchOptions: { ...manual, redirect: 'follow' } });
      }
      target = next.url;
    }
  }

  function send(
    inner: AxiosAdapterLike,
    config: AxiosConfigLike,
    target: string,
    wait: AxiosWait,
  ): Promise<Outcome> {
    return sendReplayingOnce<Outcome>(manager, {
      url: target,
      signal: wait.signal,
      canReplay: isReplayable(config.data),
      discard(outcome) {
        release(responseOf(outcome));
        return Promise.resolve();
      },
      isTokenRejected(outcome) {
        const response = responseOf(outcome);
        return (
          response !== undefined &&
          isTokenRejected({
            status: response.status,
            headers: { get: (name) => header(response, name) },
            url: target,
          })
        );
      },
      send: (authorization) => attempt(inner, config, authorized(config, authorization, wait)),
    });
  }

  /** What of the config is sent in another form than the caller gave it. */
  function authorized(
    config: AxiosConfigLike,
    authorization: Authorization,
    wait: AxiosWait,
  ): Partial<AxiosConfigLike> {
    const { headers, url = '', params, auth, timeout = 0, beforeRedirect } = config;
    const sent: Partial<AxiosConfigLike> = {
      headers: withCredentials(headers, authorization),
      url: withRequestId(url, authorization.requestId),
      beforeRedirect(options, ...details) {
        guardRedirect(options, authorization, config);
        beforeRedirect?.(options, ...details);
      },
    };
    // It would beat the Authorization header.
    if (auth) sent.auth = undefined;
    if (params) sent.params = withoutRequestId(params);
    if (timeout > 0) {
      sent.timeout = wait.remainingMs();
      sent.timeoutErrorMessage = timeoutMessage(config);
    }
    return sent;
  }

  /** Runs after axios has prepared a redirect and before it is sent. */
  function guardRedirect(
    options: RedirectOptions,
    authorization: Authorization,
    { data }: AxiosConfigLike,
  ): void {
    options.headers = Object.fromEntries(
      Object.entries(options.headers).filter(([name]) => !isCredential(name)),
    );
    if (manager.isTrusted(String(options.href))) {
      Object.assign(options.headers, authorization.headers);
      options.path = withRequestId(String(options.path), manager.createRequestId());
      return;
    }
    const carriesBody =
      data !== undefined && data !== null && !/^(get|head)$/i.test(options.method ?? '');
    if (carriesBody) {
      throw new Error(
        'a redirect that would carry the body off the trusted origins was not followed',
      );
    }
  }
}

/**
 * Calls an adapter with a changed config: the very object, for the error or response that it stands in, and
 * as it was again before anybody sees it.
 */
async function attempt(
  inner: AxiosAdapterLike,
  config: AxiosConfigLike,
  changes: Partial<AxiosConfigLike> = {},
): Promise<Outcome> {
  const before: Record<string, unknown> = {};
  for (const name of Object.keys(changes)) before[name] = config[name as keyof AxiosConfigLike];
  Object.assign(config, changes);
  try {
    return { response: await inner(config) };
  } catch (error) {
    return { error };
  } finally {
    Object.assign(config, before);
  }
}

function responseOf(outcome: Outcome): AxiosResponseLike | undefined {
  if ('response' in outcome) return outcome.response;
  return (outcome.error as { response?: AxiosResponseLike } | undefined)?.response;
}

/** The URL that decides about trust; undefined where the request must go without credentials. */
function trustedTarget(config: AxiosConfigLike, manager: TokenManager): string | undefined {
  const { url = '', baseURL } = config;
  if (baseURL !== undefined && baseURL !== '' && !manager.isTrusted(baseURL)) return undefined;
  const target = baseURL && !absoluteUrl.test(url) ? baseURL : url;
  return manager.isTrusted(target) ? target : undefined;
}

function urlOf({ baseURL, url = '' }: AxiosConfigLike): string {
  if (!baseURL || absoluteUrl.test(url)) return url;
  return `${baseURL.replace(/\/?\/$/, '')}/${url.replace(/^\/+/, '')}`;
}

function withCredentials(headers: unknown, authorization: Authorization): AxiosHeaders {
  const isFree = headers instanceof AxiosHeaders && !Object.keys(headers).some(isCredential);
  return isFree
    ? Object.assign(new AxiosHeaders(), headers, authorization.headers)
    : AxiosHeaders.concat(headers as never, authorization.headers);
}

function header(response: AxiosResponseLike, name: string): string | null {
  const value: unknown = AxiosHeaders.from(response.headers as never).get(name);
  return typeof value === 'string' ? value : null;
}

/** The request ID stands in the url: one among the params would make it two. */
function withoutRequestId(params: unknown): unknown {
  if (params instanceof URLSearchParams && params.has('requestId')) {
    const others = new URLSearchParams(params);
    others.delete('requestId');
    return others;
  }
  if (typeof params !== 'object' || params === null || !('requestId' in params)) return params;
  const others: Record<string, unknown> = { ...params };
  delete others.requestId;
  return others;
}

/** A streamed body that nobody will read would hold its connection. */
function release(response: AxiosResponseLike | undefined): void {
  const data = response?.data as { destroy?(): void; cancel?(): Promise<void> } | null | undefined;
  if (typeof data?.destroy === 'function') data.destroy();
  else if (typeof data?.cancel === 'function') data.cancel().catch(() => undefined);
}
