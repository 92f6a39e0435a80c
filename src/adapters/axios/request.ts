import { authorizeNow } from '../../manager/authorize-now.js';
import type { Authorization, TokenManager } from '../../manager/token-manager.js';
import type { AdapterOptions } from '../shared/options.js';
import { sendReplayingOnce, type FirstAttempt } from '../shared/replay-once.js';
import { isReplayable } from '../shared/replayable.js';
import {
  attempt,
  copyOf,
  handBackNotes,
  headersOf,
  release,
  responseOf,
  type Outcome,
  type Trail,
} from './attempt.js';
import { authorized, writtenUrl } from './authorized.js';
import { cleanError, cleanResponse } from './cleanup.js';
import { copyOfHeaders } from './headers.js';
import { isHttpAdapter } from './inner-adapter.js';
import { guardRedirects } from './redirect-guard.js';
import { followRedirects, isRedirect, withoutRedirects } from './redirects.js';
import type { AxiosAdapterLike, AxiosConfigLike, AxiosResponseLike } from './types.js';
import { startClock, type AxiosClock } from './wait.js';

type RejectionCheck = NonNullable<AdapterOptions['isTokenRejected']>;

/** Sends a request through an inner adapter; one that is not trusted, as it is, through another. */
export type AxiosSender = (
  inner: AxiosAdapterLike,
  config: AxiosConfigLike,
  untrusted: AxiosAdapterLike,
) => Promise<AxiosResponseLike>;

/** A request on its way to a trusted URL. */
interface TrustedHop {
  readonly inner: AxiosAdapterLike;
  readonly config: AxiosConfigLike;
  readonly clock: AxiosClock;
  readonly target: string;
  /** What keeps the adapter from following redirects by itself. */
  readonly unfollowed?: Partial<AxiosConfigLike> | undefined;
}

/** Creates the sender, which runs below all interceptors and transforms of an instance. */
export function createAxiosSender(
  manager: TokenManager,
  isTokenRejected: RejectionCheck,
): AxiosSender {
  return async (inner, given, untrusted) => {
    const target = trustedTarget(given, manager);
    if (target === undefined) return untrusted(given);
    const clock = startClock(given);
    const authorization = authorizeNow(manager, target);
    const config = authorization && !isShared(given) ? given : snapshotOf(given);
    const asGiven = requestOf(config);
    // Only axios's own http adapter is known to call beforeRedirect.
    const unfollowed = isHttpAdapter(inner) ? undefined : withoutRedirects(config);
    let hop: TrustedHop = { inner, config, clock, target, unfollowed };
    let begun: FirstAttempt<Outcome> | undefined;
    if (authorization) {
      // The usual case: the token is in memory, and the answer is neither a refusal nor a redirect.
      const result = await sendOnce(hop, authorization);
      const isRefused = isRejected(result, target);
      if (isRefused === false && !(unfollowed && isRedirect(result)))
        return delivered(result, given, hop);
      begun = { authorization, result, isRefused };
      hop = { ...hop, config: copyOf(config, asGiven) };
    }
    const outcome = await send(hop, begun);
    return delivered(unfollowed ? await follow(hop, outcome) : outcome, given, hop);
  };

  function send(hop: TrustedHop, begun?: FirstAttempt<Outcome>): Promise<Outcome> {
    const { target, clock, config } = hop;
    return sendReplayingOnce(
      manager,
      {
        url: target,
        waiting: clock.waiting,
        canReplay: isReplayable(config.data),
        discard,
        isTokenRejected: (outcome) => isRejected(outcome, target),
        send: (authorization) => sendOnce(hop, authorization),
        sendBare: () =>
          attempt(hop.inner, config, clock.remaining(), { requestId: undefined, isAway: true }),
      },
      begun,
    );
  }

  function sendOnce(hop: TrustedHop, authorization: Authorization): Promise<Outcome> {
    const { inner, config, clock, unfollowed } = hop;
    const sent = Object.assign(authorized(config, authorization), clock.remaining(), unfollowed);
    const trail: Trail = { requestId: authorization.requestId, isAway: false };
    sent.beforeRedirect = guardRedirects(manager, config, authorization, trail);
    return attempt(inner, config, sent, trail);
  }

  function follow(hop: TrustedHop, first: Outcome): Promise<Outcome> {
    const { inner, config, clock } = hop;
    return followRedirects(manager, config, first, {
      toTrusted: (changes, target) => send({ ...hop, target, config: copyOf(config, changes) }),
      toForeign: (changes, requestId) =>
        attempt(inner, config, { ...changes, ...clock.remaining() }, { requestId, isAway: true }),
    });
  }

  function isRejected(outcome: Outcome, url: string): boolean | Promise<boolean> {
    const response = responseOf(outcome);
    // Another origin's refusal is none of the token, which did not go there.
    if (response === undefined || outcome.attempt?.trail.isAway) return false;
    return isTokenRejected({ status: response.status, headers: headersOf(response), url });
  }
}

/** Returns whether a config holds objects that the caller may go on changing. */
function isShared({ url, params }: AxiosConfigLike): boolean {
  return typeof url === 'object' || params instanceof URLSearchParams;
}

/** The fields that make the request, to send it again whatever their owner has changed since. */
function requestOf(config: AxiosConfigLike): Partial<AxiosConfigLike> {
  const { url, baseURL, allowAbsoluteUrls, method, params, headers, data } = config;
  return { url, baseURL, allowAbsoluteUrls, method, params, headers, data };
}

/** Copies a config, so that changes during a wait have no effect. */
function snapshotOf(config: AxiosConfigLike): AxiosConfigLike {
  const { headers, params } = config;
  return copyOf(config, {
    ...{ url: writtenUrl(config), headers: copyOfHeaders(headers) },
    ...(params instanceof URLSearchParams && { params: new URLSearchParams(params) }),
  });
}

/** Returns or throws the outcome in the form that is safe to log. */
function delivered(
  outcome: Outcome,
  given: AxiosConfigLike,
  { inner }: TrustedHop,
): AxiosResponseLike {
  if (!isHttpAdapter(inner)) handBackNotes(outcome, given);
  if ('error' in outcome) throw cleanError(outcome.error, given);
  return cleanResponse(outcome.response, given);
}

function discard(outcome: Outcome): Promise<void> {
  release(responseOf(outcome));
  return Promise.resolve();
}

/** Returns the URL that decides about trust; undefined if the request must go without credentials. */
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
