import axios from 'axios';
import { authorizeNow } from '../../manager/authorize-now.js';
import type { Authorization, TokenManager } from '../../manager/token-manager.js';
import type { AdapterOptions } from '../shared/options.js';
import { sendReplayingOnce, type FirstAttempt } from '../shared/replay-once.js';
import { isReplayable } from '../shared/replayable.js';
import { attempt, headersOf, release, responseOf, type Outcome } from './attempt.js';
import { authorized, writtenUrl } from './authorized.js';
import { cleanError, cleanResponse } from './cleanup.js';
import { httpAdapter } from './inner-adapter.js';
import { guardRedirects } from './redirect-guard.js';
import { followRedirects } from './redirects.js';
import type { AxiosAdapterLike, AxiosConfigLike, AxiosResponseLike } from './types.js';
import { startClock, type AxiosClock } from './wait.js';

type RejectionCheck = NonNullable<AdapterOptions['isTokenRejected']>;

/** Sends a request through the given inner adapter. */
export type AxiosSender = (
  inner: AxiosAdapterLike,
  config: AxiosConfigLike,
) => Promise<AxiosResponseLike>;

/** A request on its way to a trusted URL. */
interface TrustedHop {
  readonly inner: AxiosAdapterLike;
  /** The caller's own config. */
  readonly config: AxiosConfigLike;
  readonly clock: AxiosClock;
  readonly target: string;
  /** What of the config is sent in another form. */
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
    const isGuarded = inner === httpAdapter;
    const authorization = isGuarded ? authorizeNow(manager, target) : undefined;
    if (authorization) {
      // Straight on, as almost always: the token is at hand, and the answer no refusal.
      const hop = { inner, config, clock, target };
      const result = await sendOnce(hop, authorization);
      const isRefused = isRejected(result, target);
      if (isRefused === false) return delivered(result, config);
      const captured = { ...hop, changes: captureOf(config) };
      return delivered(await send(captured, { authorization, result, isRefused }), config);
    }
    const captured = captureOf(config);
    if (isGuarded) {
      const hop = { inner, config, clock, target, changes: captured };
      return delivered(await send(hop), config);
    }
    const following = followRedirects(manager, { ...config, ...captured }, target, {
      toTrusted: (changes, hop) =>
        send({ inner, config, clock, target: hop, changes: { ...captured, ...changes } }),
      toForeign: (changes) =>
        attempt(inner, config, { ...captured, ...changes, ...clock.remaining() }),
    });
    return delivered(await following, config);
  };

  function send(hop: TrustedHop, begun?: FirstAttempt<Outcome>): Promise<Outcome> {
    const { target, clock, config, changes } = hop;
    const { data } = { ...config, ...changes };
    return sendReplayingOnce(
      manager,
      {
        url: target,
        waiting: clock.waiting,
        canReplay: isReplayable(data),
        discard,
        isTokenRejected: (outcome) => isRejected(outcome, target),
        send: (authorization) => sendOnce(hop, authorization),
      },
      begun,
    );
  }

  function sendOnce(
    { inner, config, clock, changes }: TrustedHop,
    authorization: Authorization,
  ): Promise<Outcome> {
    const request = changes ? { ...config, ...changes } : config;
    const sent = Object.assign(authorized(request, authorization), clock.remaining());
    sent.beforeRedirect = guardRedirects(manager, request, authorization);
    return attempt(inner, config, changes ? { ...changes, ...sent } : sent);
  }

  function isRejected(outcome: Outcome, url: string): boolean | Promise<boolean> {
    const response = responseOf(outcome);
    if (response === undefined) return false;
    return isTokenRejected({ status: response.status, headers: headersOf(response), url });
  }
}

/** What of a config could change during a wait, as it is now. */
function captureOf(config: AxiosConfigLike): Partial<AxiosConfigLike> {
  const { headers, params } = config;
  return {
    ...config,
    ...{ url: writtenUrl(config), headers: axios.AxiosHeaders.concat(headers as never) },
    ...(params instanceof URLSearchParams && { params: new URLSearchParams(params) }),
  };
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

/** The URL that decides about trust; undefined where the request must go without credentials. */
function trustedTarget(config: AxiosConfigLike, manager: TokenManager): string | undefined {
  const { baseURL } = config;
  if (baseURL && !manager.isTrusted(baseURL)) return undefined;
  const url = writtenUrl(config);
  if (baseURL && !isAbsoluteUrl(url)) return baseURL;
  return manager.isTrusted(url) ? url : undefined;
}

/** What axios itself takes for an absolute URL. */
function isAbsoluteUrl(url: string): boolean {
  return /^([a-z][a-z\d+\-.]*:)?\/\//i.test(url);
}
