import type { TokenManager } from '../../manager/token-manager.js';
import { redirectLocation } from '../../tt/redirect.js';
import { redirectedHeaders } from '../shared/headers.js';
import { noteRequestId, requestIdOf } from '../shared/request-id-of.js';
import { givenBody } from './body.js';
import { discard, type FetchOutcome } from './outcome.js';
import { isSameOrigin, nextHop, referrerPolicyOf } from './redirect.js';
import type { Attempt, FetchRequest } from './request.js';

/** Sends the request of a hop. */
export interface HopSender {
  toTrusted(request: FetchRequest): Promise<FetchOutcome>;
  /** Sends it without credentials; the request ID before it is noted if that fails. */
  toForeign(
    request: FetchRequest,
    parts: Attempt,
    requestId: string | undefined,
  ): Promise<FetchOutcome>;
}

/** Where the redirects of a request ended. */
export interface Followed {
  readonly outcome: FetchOutcome;
  readonly redirects: number;
  /** Whether the platform followed the last of them, to another origin. */
  readonly isForeign: boolean;
}

/** Follows the redirects of a request that was sent without any, as the platform would. */
export async function followRedirects(
  manager: TokenManager,
  request: FetchRequest,
  first: FetchOutcome,
  send: HopSender,
): Promise<Followed> {
  let outcome = first;
  for (let redirects = 0; ; redirects++) {
    const { response } = outcome;
    const here = { outcome, redirects, isForeign: false };
    if (!response || request.redirect !== 'follow') return here;
    if (redirectLocation(response) === undefined) return here;
    const requestId = requestIdOf(response);
    let next;
    try {
      next = nextHop(response, request, redirects);
    } catch (cause) {
      discard(outcome);
      const error = new TypeError('fetch failed', { cause });
      noteRequestId(error, requestId);
      return { ...here, outcome: { error } };
    }
    if (!next) return here;
    const { url, method, keepsBody } = next;
    const body = keepsBody ? request.body : givenBody(null);
    const isTrusted = manager.isTrusted(url);
    // A body goes to no other origin, and a stream that is used up cannot go anywhere.
    if (body.content() !== null && !(isTrusted && body.canReplay())) return here;
    const referrerPolicy = referrerPolicyOf(response) ?? request.referrerPolicy;
    discard(outcome);
    const headers = redirectedHeaders(request.headers, {
      leavesOrigin: !isSameOrigin(request.url, url),
      losesBody: !keepsBody,
    });
    request = { ...request, url, method, headers, body, ...(referrerPolicy && { referrerPolicy }) };
    if (isTrusted) {
      outcome = await send.toTrusted(request);
      continue;
    }
    const { integrity } = request;
    const parts: Attempt = {
      ...{ method, headers, body: null, redirect: 'follow' },
      ...(referrerPolicy && { referrerPolicy }),
      ...(integrity && { integrity }),
    };
    outcome = await send.toForeign(request, parts, requestId);
    noteRequestId(outcome.response, requestId);
    return { outcome, redirects: redirects + 1, isForeign: true };
  }
}
