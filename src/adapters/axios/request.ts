import axios from 'axios';
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
} from './attempt.js';
import { authorized, writtenUrl } from './authorized.js';
import { cleanError, cleanResponse } from './cleanup.js';
import { httpAdapter } from './inner-adapter.js';
import { guardRedirects } from './redirect-guard.js';
import { followRedirects, isRedirect, withoutRedirects } from './redirects.js';
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
  readonly config: AxiosConfigLike;
  readonly clock: AxiosClock;
  readonly target: string;
  /** What keeps the adapter from following redirects by itself. */
  readonly unfollowed?: Partial<AxiosConfigLike> | undefined;
}

/** Creates what stands below all interceptors and transforms of an instance. */
export function createAxiosSender(
  manager: TokenManager,
  isTokenRejected: RejectionCheck,
): AxiosSender {
  return async (inner, given) => {
    const target = trustedTarget(given, manager);
    if (target === undefined) return inner(given);
    const clock = startClock(given);
    const authorization = authorizeNow(manager, target);
    const config = authorization && !isShared(given) ? given : snapshotOf(given);
    // axios's own http adapter asks before each redirect; of another one that is not known.
    const unfollowed = inner === httpAdapter ? undefined : withoutRedirects(config);
    const hop: TrustedHop = { inner, config, clock, target, unfollowed };
    let begun: FirstAttempt<Outcome> | undefined;
    if (authorization) {
      // Straight on, as almost always: the token is at hand, and the answer neither a refusal nor a redirect.
      const result = await sendOnce(hop, authorization);
      const isRefused = isRejected(result, target);
      if (isRefused === false && !(unfollowed && isRedirect(result)))
        return delivered(result, given, hop);
      begun = { authorization, result, isRefused };
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
      },
      begun,
    );
  }

  function sendOnce(hop: TrustedHop, authorization: Authorization): Promise<Outcome> {
    const { inner, config, clock, unfollowed } = hop;
    const sent = Object.assign(authorized(config, authorization), clock.remaining(), unfollowed);
    sent.beforeRedirect = guardRedirects(manager, config, authorization);
    return attempt(inner, config, sent);
  }

  function follow(hop: TrustedHop, first: Outcome): Promise<Outcome> {
    const { inner, config, clock } = hop;
    return followRedirects(manager, config, first, {
      toTrusted: (changes, target) => send({ ...hop, target, config: copyOf(config, changes) }),
      toForeign: (changes) => attempt(inner, config, { ...changes, ...clock.remaining() }),
    });
  }

  function isRejected(outcome: Outcome, url: string): boolean | Promise<boolean> {
    const response = responseOf(outcome);
    if (response === undefined) return false;
    return isTokenRejected({ status: response.status, headers: headersOf(response), url });
  }
}

/** Returns whether the caller holds something of a config and may go on changing it. */
function isShared({ url, params }: AxiosConfigLike): boolean {
  return typeof url === 'object' || params instanceof URLSearchParams;
}

/** A config as it is now, whatever becomes of it during a wait. */
function snapshotOf(config: AxiosConfigLike): AxiosConfigLike {
  const { headers, params } = config;
  return copyOf(config, {
    ...{ url: writtenUrl(config), headers: axios.AxiosHeaders.concat(headers as never) },
    ...(params instanceof URLSearchParams && { params: new URLSearchParams(params) }),
  });
}

/** The outcome as the caller may see it. */
function delivered(
  outcome: Outcome,
  given: AxiosConfigLike,
  { inner }: TrustedHop,
): AxiosResponseLike {
  if (inner !== httpAdapter) handBackNotes(outcome, given);
  if ('error' in outcome) throw cleanError(outcome.error, given);
  return cleanResponse(outcome.response, given);
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
