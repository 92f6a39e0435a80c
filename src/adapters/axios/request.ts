import type { Authorization, TokenManager } from '../../manager/token-manager.js';
import { withoutRequestId } from '../../tt/request-url.js';
import type { AdapterRules, RejectableResponse } from '../shared/options.js';
import { sendReplayingOnce } from '../shared/replay-once.js';
import { bytesOfForm, isReplayable } from '../shared/replayable.js';
import { attempt, copyOf, handBackNotes } from './attempt.js';
import { authorized, writtenUrl } from './authorized.js';
import { copyOfHeaders } from './headers.js';
import { isHttpAdapter } from './inner-adapter.js';
import { answerIn, discard, free, putBack, textIn, type Outcome } from './outcome.js';
import { guardRedirects } from './redirect-guard.js';
import { followRedirects, urlOf, withoutRedirects, type Followable } from './redirects.js';
import { noTrail, startTrail } from './trail.js';
import {
  sentFor,
  type AxiosAdapterLike,
  type AxiosConfigLike,
  type AxiosResponseLike,
} from './types.js';
import { startClock, type AxiosClock } from './wait.js';

/** Sends a request through an inner adapter; one that is not trusted, as it is, through another. */
export type AxiosSender = (
  inner: AxiosAdapterLike,
  config: AxiosConfigLike,
  untrusted: AxiosAdapterLike,
) => Promise<AxiosResponseLike>;

/** A request on its way to a trusted URL. */
interface TrustedHop extends Followable {
  readonly clock: AxiosClock;
  readonly target: string;
  /** What keeps the adapter from following redirects by itself. */
  readonly unfollowed: Partial<AxiosConfigLike> | undefined;
}

/** Creates the sender, which runs below all interceptors and transforms of an instance. */
export function createAxiosSender(manager: TokenManager, rules: AdapterRules): AxiosSender {
  return async (inner, given, untrusted) => {
    const target = trustedTarget(given, manager);
    if (target === undefined) return untrusted(given);
    const config = snapshotOf(given);
    // Only axios's own http adapter is known to call beforeRedirect.
    const unfollowed = isHttpAdapter(inner) ? undefined : withoutRedirects(config);
    const hop: TrustedHop = {
      ...{ inner, given, config, again: resendable(config), target, unfollowed },
      clock: startClock(given),
    };
    const first = await send(hop);
    const outcome = unfollowed ? await follow(hop, first) : first;
    if (unfollowed) handBackNotes(outcome, given);
    putBack(outcome);
    if (outcome.response) return outcome.response;
    throw outcome.error;
  };

  function send(hop: TrustedHop): Promise<Outcome> {
    const { target, clock, again } = hop;
    return sendReplayingOnce<Outcome>(manager, rules, {
      ...{ url: target, waiting: clock.waiting, free, discard },
      canReplay: () => again !== undefined,
      send: (authorization, isReplay) =>
        sendOnce(isReplay && again ? { ...hop, config: again } : hop, authorization, isReplay),
      sendBare: () => attempt(hop, clock.remaining(), noTrail(undefined)),
      answerTo: (outcome) => answerTo(outcome, hop),
    });
  }

  function sendOnce(
    hop: TrustedHop,
    authorization: Authorization,
    isReplay: boolean,
  ): Promise<Outcome> {
    const { config, clock, unfollowed } = hop;
    const { requestId } = authorization;
    const method = (config.method ?? 'get').toUpperCase();
    const trail = startTrail(rules.tell, () => ({ requestId, method, url: shownUrl(config) }), {
      ...{ requestId, isReplay },
    });
    const sent = Object.assign(authorized(config, authorization), clock.remaining(), unfollowed);
    sent[sentFor] = { manager, isUsed: false };
    sent.beforeRedirect = guardRedirects(manager, config, authorization, trail);
    return attempt(hop, sent, trail);
  }

  function follow(hop: TrustedHop, first: Outcome): Promise<Outcome> {
    const { config, again, clock } = hop;
    return followRedirects(manager, hop, first, {
      toTrusted: (changes, target) =>
        send({
          ...{ ...hop, target, config: copyOf(again ?? config, changes) },
          again: again && copyOf(again, changes),
        }),
      toForeign: (changes, requestId) =>
        attempt(hop, { ...changes, ...clock.remaining() }, noTrail(requestId)),
    });
  }
}

/** Returns the answer to a token. Another origin's refusal is none of the token, which did not go there. */
function answerTo(outcome: Outcome, { config }: TrustedHop): RejectableResponse | undefined {
  const answer = outcome.attempt?.isAway === false ? answerIn(outcome) : undefined;
  if (!answer) return undefined;
  return new Answer(answer.status, answer.headers, () => textIn(outcome), config);
}

/**
 * An answer whose URL is put together for who asks for it. Not a getter in a literal: V8 makes a hidden class of each,
 * and with it holds the request until the next full collection.
 */
class Answer implements RejectableResponse {
  readonly #config: AxiosConfigLike;

  constructor(
    readonly status: number,
    readonly headers: RejectableResponse['headers'],
    readonly text: () => Promise<string>,
    config: AxiosConfigLike,
  ) {
    this.#config = config;
  }

  get url(): string {
    return shownUrl(this.#config);
  }
}

function shownUrl(config: AxiosConfigLike): string {
  return withoutRequestId(urlOf(config));
}

/** Copies a config, so that changes during a wait have no effect. */
function snapshotOf(config: AxiosConfigLike): AxiosConfigLike {
  const { headers, params } = config;
  return copyOf(config, {
    ...{ url: writtenUrl(config), headers: copyOfHeaders(headers) },
    ...(params instanceof URLSearchParams && { params: new URLSearchParams(params) }),
  });
}

/** Returns the config to send a second time: with the bytes of a form of npm's form-data, which is a stream. */
function resendable(config: AxiosConfigLike): AxiosConfigLike | undefined {
  if (isReplayable(config.data)) return config;
  const form = bytesOfForm(config.data);
  if (!form) return undefined;
  const headers = copyOfHeaders(config.headers).set('content-type', form.type);
  return copyOf(config, { data: form.bytes, headers });
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
