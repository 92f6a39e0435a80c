import type { Authorization, TokenManager } from '../../manager/token-manager.js';
import { withoutRequestId, withRequestId } from '../../tt/request-url.js';
import { withCredentials } from '../shared/headers.js';
import type { AdapterRules } from '../shared/options.js';
import { sendReplayingOnce } from '../shared/replay-once.js';
import { noteRequestId } from '../shared/request-id-of.js';
import { checkIntegrity } from './integrity.js';
import {
  answerIn,
  delivered,
  discard,
  free,
  outcomeOf,
  resultOf,
  type FetchOutcome,
} from './outcome.js';
import { followRedirects } from './follow.js';
import { readFetchRequest, urlOf, type Attempt, type FetchRequest } from './request.js';

/** Creates a fetch that sends with credentials what goes to trusted origins. */
export function createFetchSender(
  fetch: typeof globalThis.fetch,
  manager: TokenManager,
  rules: AdapterRules,
): typeof globalThis.fetch {
  /** Sends a request to a trusted URL. */
  function send(request: FetchRequest): Promise<FetchOutcome> {
    const { url, signal, body } = request;
    return sendReplayingOnce<FetchOutcome>(manager, rules, {
      url,
      waiting: (wait) => wait(signal),
      canReplay: body.canReplay,
      send: (authorization, isReplay) => attempt(request, authorization, isReplay),
      sendBare: () => call(request, request.url, partsOf(request), undefined),
      answerTo: (outcome) => answerIn(outcome, withoutRequestId(url)),
      free,
      discard,
    });
  }

  async function attempt(
    request: FetchRequest,
    authorization: Authorization,
    isReplay: boolean,
  ): Promise<FetchOutcome> {
    const { url, headers, method } = request;
    const { requestId } = authorization;
    const outcome = await call(
      request,
      withRequestId(url, requestId),
      { ...partsOf(request), headers: withCredentials(headers, authorization) },
      requestId,
    );
    rules.tell?.({
      ...{ requestId, method, url: withoutRequestId(url), isReplay },
      ...resultOf(outcome),
    });
    return outcome;
  }

  async function call(
    request: FetchRequest,
    url: string,
    parts: Attempt,
    requestId: string | undefined,
  ): Promise<FetchOutcome> {
    // A fetch may throw past its promise.
    const outcome = await outcomeOf((async () => fetch(...request.toCall(url, parts)))());
    if (!outcome.response) {
      // ky's timeout error refers to its Request.
      noteRequestId(outcome.error, requestId);
      noteRequestId(request.input, requestId);
    }
    return outcome;
  }

  return async (input, init) => {
    const url = urlOf(input);
    if (!manager.isTrusted(url)) return fetch(input, init);
    const request = await readFetchRequest(input, url, init);
    const { outcome, redirects, isForeign } = await followRedirects(
      manager,
      request,
      await send(request),
      { toTrusted: send, toForeign: (next, parts, id) => call(next, next.url, parts, id) },
    );
    const { integrity } = request;
    const isChecked = !integrity || isForeign || request.redirect !== 'follow';
    return delivered(
      isChecked ? outcome : await checkIntegrity(outcome, integrity, request.signal),
      redirects,
    );
  };
}

/** Redirects are followed one by one; a hash that the caller gave is that of the last response. */
function partsOf(request: FetchRequest): Attempt {
  const { method, headers, body, redirect, referrerPolicy, integrity } = request;
  return {
    ...{ method, headers: headers ?? {}, body: body.content() },
    redirect: redirect === 'follow' ? 'manual' : redirect,
    ...(referrerPolicy && { referrerPolicy }),
    ...(integrity && { integrity: redirect === 'follow' ? '' : integrity }),
  };
}
