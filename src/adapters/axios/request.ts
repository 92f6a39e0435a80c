import { AxiosHeaders } from 'axios';
import { authorizeNow } from '../../manager/authorize-now.js';
import type { Authorization, TokenManager } from '../../manager/token-manager.js';
import { withRequestId } from '../../tt/request-url.js';
import type { AdapterOptions } from '../shared/options.js';
import { attempt, headersOf, release, responseOf, type Outcome } from './attempt.js';
import { cleanError, cleanResponse } from './cleanup.js';
import { followRedirects, isAbsoluteUrl } from './redirects.js';
import type {
  AxiosAdapterLike,
  AxiosConfigLike,
  AxiosResponseLike,
  RedirectOptions,
} from './types.js';
import { startClock, timeoutMessage, type AxiosClock } from './wait.js';
import { isFetchAdapter } from './inner-adapter.js';
import { isCredential } from '../shared/headers.js';
import {
  sendReplayingOnce,
  type FirstAttempt,
  type ReplayableRequest,
} from '../shared/replay-once.js';
import { isReplayable } from '../shared/replayable.js';

type RejectionCheck = NonNullable<AdapterOptions['isTokenRejected']>;

/** Sends a request through the given inner adapter. */
export type AxiosSender = (
  inner: AxiosAdapterLike,
  config: AxiosConfigLike,
) => Promise<AxiosResponseLike>;

/** A request on its way to a trusted URL. */
interface TrustedHop {
  readonly inner: AxiosAdapterLike;
  readonly config: AxiosConfigLike;
  readonly clock: AxiosClock;
  readonly target: string;
  /** What a redirect changed of the config. */
  readonly changes?: Partial<AxiosConfigLike>;
}

/** Creates what stands below all interceptors and transforms of an instance. */
export function createAxiosSender(
  manager: TokenManager,
  isTokenRejected: RejectionCheck,
): AxiosSender {
  return async (inner, config) => {
    const target = trustedTarget(config, manager);
    if (target === undefined) return inner(config);
    const clock = startClock(config);
    if (isFetchAdapter(inner, config)) {
      const following = followRedirects(manager, config, target, {
        toTrusted: (changes, hop) => send({ inner, config, clock, target: hop, changes }),
        toForeign: (changes) => attempt(inner, config, { ...changes, ...remaining(config, clock) }),
      });
      return delivered(await following, config);
    }
    const hop = { inner, config, clock, target };
    const authorization = authorizeNow(manager, target);
    if (!authorization) return delivered(await send(hop), config);
    // Straight on, as almost always: the token is at hand, and the answer no refusal.
    const result = await attempt(inner, config, authorized(config, authorization, clock));
    const isRefused = isRejected(result, target);
    if (isRefused === false) return delivered(result, config);
    return delivered(await send(hop, { authorization, result, isRefused }), config);
  };

  function send(
    { inner, config, clock, target, changes }: TrustedHop,
    begun?: FirstAttempt<Outcome>,
  ): Promise<Outcome> {
    const request = changes ? { ...config, ...changes } : config;
    const replayable: ReplayableRequest<Outcome> = {
      url: target,
      waiting: clock.waiting,
      canReplay: isReplayable(request.data),
      discard,
      isTokenRejected: (outcome) => isRejected(outcome, target),
      send(authorization) {
        const sent = authorized(request, authorization, clock);
        return attempt(inner, config, changes ? { ...changes, ...sent } : sent);
      },
    };
    return sendReplayingOnce(manager, replayable, begun);
  }

  function isRejected(outcome: Outcome, url: string): boolean | Promise<boolean> {
    const response = responseOf(outcome);
    if (response === undefined) return false;
    return isTokenRejected({ status: response.status, headers: headersOf(response), url });
  }

  /** What of the config is sent in another form than the caller gave it. */
  function authorized(
    config: AxiosConfigLike,
    authorization: Authorization,
    clock: AxiosClock,
  ): Partial<AxiosConfigLike> {
    const { headers, baseURL, params, auth, beforeRedirect } = config;
    const url = writtenUrl(config);
    // What looks like a URL of its own is then a path to axios.
    const isPath = baseURL && url && config.allowAbsoluteUrls === false;
    const sent: Partial<AxiosConfigLike> = {
      headers: withCredentials(headers, authorization),
      url: withRequestId(
        isPath ? url : withoutUserInfo(url || String(baseURL)),
        authorization.requestId,
      ),
      beforeRedirect(options, ...details) {
        guardRedirect(options, authorization, config);
        beforeRedirect?.(options, ...details);
      },
    };
    if (config.timeout) Object.assign(sent, remaining(config, clock));
    // axios would put a slash between a base URL and a url that is no longer empty.
    if (url === '') sent.baseURL = undefined;
    else if (baseURL?.includes('@')) sent.baseURL = withoutUserInfo(baseURL);
    if (auth) sent.auth = undefined;
    if (params) sent.params = withoutRequestId(params);
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

/** The outcome as the caller may see it. */
function delivered(outcome: Outcome, config: AxiosConfigLike): AxiosResponseLike {
  if ('error' in outcome) throw cleanError(outcome.error, config);
  return cleanResponse(outcome.response, config);
}

function discard(outcome: Outcome): Promise<void> {
  release(responseOf(outcome));
  return Promise.resolve();
}

/** The timeout for what is left of the caller's time. */
function remaining(config: AxiosConfigLike, clock: AxiosClock): Partial<AxiosConfigLike> {
  if ((config.timeout ?? 0) <= 0) return {};
  return { timeout: clock.remainingMs(), timeoutErrorMessage: timeoutMessage(config) };
}

/** The URL that decides about trust; undefined where the request must go without credentials. */
function trustedTarget(config: AxiosConfigLike, manager: TokenManager): string | undefined {
  const { baseURL } = config;
  if (baseURL && !manager.isTrusted(baseURL)) return undefined;
  const url = writtenUrl(config);
  if (baseURL && !isAbsoluteUrl(url)) return baseURL;
  return manager.isTrusted(url) ? url : undefined;
}

/** A URL without its `user:password@`, which would beat the Authorization header, as `auth` would. */
function withoutUserInfo(url: string): string {
  return url.includes('@') ? url.replace(/^(https?:\/\/)[^/\\?#]*@/i, '$1') : url;
}

/** The url of a config; JavaScript callers give a URL too. */
function writtenUrl({ url }: AxiosConfigLike): string {
  return String(url ?? '');
}

function withCredentials(headers: unknown, authorization: Authorization): AxiosHeaders {
  const isFree = headers instanceof AxiosHeaders && !Object.keys(headers).some(isCredential);
  return isFree
    ? Object.assign(new AxiosHeaders(), headers, authorization.headers)
    : AxiosHeaders.concat(headers as never, authorization.headers);
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
