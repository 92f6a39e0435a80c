import { reasonOf } from '../base/abort.js';
import { answerOf, type ErrorAnswer } from '../base/answer-of-error.js';
import { discardBody } from '../base/discard-body.js';
import { redirectStep } from './redirect.js';
import { ownRequestIdFor } from './own-request.js';
import { withRequestId } from './request-url.js';
import type { TrustCheck } from './trusted-origins.js';

/** A request to the service, with credentials in headers or body. */
export interface TrustedRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** A form; makes it a POST. */
  readonly form?: string;
}

/** How a {@link TrustedRequest} is sent. */
export interface TrustedRequestOptions {
  readonly fetch: typeof fetch;
  readonly isTrusted: TrustCheck;
  readonly requestIdPrefix: string;
  readonly signal: AbortSignal;
}

/** A redirect that was not followed, as it would take the credentials elsewhere. */
export class RedirectRefused extends Error {
  override readonly name = 'RedirectRefused';
}

const mostRedirects = 5;

/**
 * Sends a request and follows its redirects inside the trusted origins, each hop with a new request ID. An answer
 * that fetch threw as an error is an answer; one that comes after `signal` was aborted is given up.
 * @throws RedirectRefused, what fetch throws, or the signal's reason.
 */
export async function sendTrusted(
  { url, headers, form }: TrustedRequest,
  options: TrustedRequestOptions,
): Promise<Response | ErrorAnswer> {
  let step = { url, method: form === undefined ? 'GET' : 'POST', keepsBody: form !== undefined };
  for (let redirects = 0; ; redirects++) {
    const response = await answerTo(options, step.url, {
      method: step.method,
      redirect: 'manual',
      // A framework's fetch may keep answers: Next.js keeps also those to a POST.
      ...({ cache: 'no-store' } as object),
      signal: options.signal,
      headers: step.keepsBody
        ? { ...headers, 'content-type': 'application/x-www-form-urlencoded' }
        : headers,
      ...(step.keepsBody && form !== undefined && { body: form }),
    });
    const next = redirectStep(response, step);
    if (!next) return response;
    discardBody(response);
    if (redirects === mostRedirects) throw new RedirectRefused('redirects in a loop');
    if (!options.isTrusted(next.url))
      throw new RedirectRefused('redirects to an origin that is not trusted');
    step = { ...next, keepsBody: next.keepsBody && step.keepsBody };
  }
}

async function answerTo(
  { fetch, requestIdPrefix, signal }: TrustedRequestOptions,
  url: string,
  init: RequestInit,
): Promise<Response | ErrorAnswer> {
  let response: Response | ErrorAnswer;
  try {
    response = await fetch(withRequestId(url, ownRequestIdFor(requestIdPrefix)), init);
  } catch (error) {
    const answer = answerOf(error);
    if (!answer) throw error;
    response = answer;
  }
  if (!signal.aborted) return response;
  discardBody(response);
  throw reasonOf(signal);
}
