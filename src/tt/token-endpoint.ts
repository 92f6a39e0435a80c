import { pause, throwIfAborted, TimeoutError, withTimeout } from '../base/abort.js';
import { startRunningClock } from '../base/running-time.js';
import type { TokenErrorCode } from '../base/errors.js';
import { longestText, type Redactor } from '../base/redactor.js';
import type { TTEnvironment } from '../base/environments.js';
import { apiUrl } from './api-url.js';
import { headerOf } from '../base/fetch-like.js';
import { isFrameworkSignal } from '../base/thrown.js';
import { readText, type AnyResponse } from './read-text.js';
import { readTokenReply, type AttemptOutcome, type TokenReply } from './token-reply.js';
import { RedirectRefused, sendTrusted } from './trusted-request.js';
import type { TrustCheck } from './trusted-origins.js';

/** What a token request needs to know. */
export interface TokenEndpointOptions {
  readonly apiKey: string;
  readonly baseUrl: URL;
  readonly environment: TTEnvironment;
  readonly fetch: typeof fetch;
  readonly requestIdPrefix: string;
  readonly timeoutMs: number;
  readonly isTrusted: TrustCheck;
  readonly redact: Redactor;
}

const requestsPerAttempt = 3;
const attemptMs = 1_000;
const clockTickMs = 50;
const pauseMs = 150;
/** The status of a failure counts without its words, which may stall. */
const wordsMs = 1_000;
/** Codes of zlib, brotli and zstd. */
const ofDecoders = /^(Z_|ERR__ERROR_FORMAT|ZSTD_)/;
const passingStatuses: readonly number[] = [502, 503, 504];

/**
 * Makes one attempt to get a token: a single request, or up to three within about a second if the endpoint
 * cannot be reached or a gateway answers 502, 503 or 504 without a Retry-After. An attempt whose request was lost
 * while the process was frozen starts anew, once: a program may block its event loop again and again.
 * Rejects only when `signal` is aborted, with its reason, and with what a framework throws through fetch for itself.
 */
export async function attemptTokenRequest(
  options: TokenEndpointOptions,
  secret: string,
  signal: AbortSignal,
): Promise<AttemptOutcome> {
  const clock = startRunningClock(clockTickMs);
  let startedAtMs = 0;
  let mayRestart = true;
  try {
    for (let requests = 1; ; requests++) {
      const { outcome, passing } = await requestToken(options, secret, signal);
      const delayMs = pauseMs * 2 ** (requests - 1) * (1 + Math.random() / 5);
      const isLost = 'failure' in outcome && outcome.failure.responseStatus === undefined;
      if (isLost && mayRestart && clock.freezes() > 0) {
        mayRestart = false;
        startedAtMs = clock.elapsedMs();
        requests = 0;
        continue;
      }
      const spentMs = clock.elapsedMs() - startedAtMs;
      if (!passing || requests === requestsPerAttempt || spentMs + delayMs > attemptMs)
        return outcome;
      await pause(delayMs, signal);
    }
  } finally {
    clock.stop();
  }
}

async function requestToken(
  options: TokenEndpointOptions,
  secret: string,
  signal: AbortSignal,
): Promise<{ outcome: AttemptOutcome; passing: boolean }> {
  const sentAt = Date.now();
  try {
    const reply = await withTimeout(options.timeoutMs, signal, (own) => send(options, secret, own));
    const passing = passingStatuses.includes(reply.status) && reply.retryAfter === null;
    return { outcome: readTokenReply(reply, sentAt, options.redact), passing };
  } catch (error) {
    throwIfAborted(signal);
    if (isFrameworkSignal(error)) throw error;
    let code: TokenErrorCode = 'TOKEN_REQUEST_FAILED';
    if (error instanceof TimeoutError || error instanceof RedirectRefused) {
      const message = `the token endpoint ${error.message}`;
      return { outcome: { failure: { code, message } }, passing: false };
    }
    const { origin } = options.baseUrl;
    let happened = `the token endpoint at ${origin} was not reached: `;
    // A success, as the body of a failure is not needed.
    const isUndecodable = ofDecoders.test(options.redact.describe(error).code ?? '');
    if (isUndecodable) {
      code = 'TOKEN_RESPONSE_INVALID';
      happened = `the answer of the token endpoint at ${origin} cannot be decoded: `;
    }
    const reason = options.redact.describe(error, longestText - happened.length);
    const whole = happened + reason.message;
    const advice = adviceFor(reason.code);
    const message = whole.length + advice.length <= longestText ? whole + advice : whole;
    const cause = options.redact.error(error);
    return { outcome: { failure: { code, message, cause } }, passing: !isUndecodable };
  }
}

async function send(
  options: TokenEndpointOptions,
  secret: string,
  signal: AbortSignal,
): Promise<TokenReply> {
  const { apiKey } = options;
  const url = apiUrl(options, 'ttid', 'token');
  const headers = { 'x-api-key': apiKey, accept: 'application/json' };
  const form = `grant_type=user_app&app_key=${encodeURIComponent(apiKey)}:${encodeURIComponent(secret)}`;
  const response = await sendTrusted({ url, headers, form }, { ...options, signal });
  const { status } = response;
  const isSuccess = status >= 200 && status <= 299;
  const text = isSuccess
    ? await readText(response, signal)
    : await wordsOf(response, options, signal);
  const retryAfter = headerOf(response, 'retry-after');
  return { status, retryAfter, date: headerOf(response, 'date'), text };
}

/** Returns the body of a failure; empty where it stalls, is cut short or cannot be decoded. */
async function wordsOf(
  response: AnyResponse,
  { timeoutMs }: TokenEndpointOptions,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const limitMs = Math.min(wordsMs, timeoutMs / 2);
    return await withTimeout(limitMs, signal, (own) => readText(response, own));
  } catch {
    return '';
  }
}

/** What to do about the reason of a connection that failed. */
export function adviceFor(code: string | undefined): string {
  if (code === undefined) return '';
  if (/CERT|ISSUER|VERIFY_LEAF/.test(code)) return '; set NODE_EXTRA_CA_CERTS to your CA file';
  if (/^(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|EHOSTUNREACH|ENETUNREACH)$|TIMEDOUT|TIMEOUT/.test(code))
    return '; check the base URL and the proxy';
  return '';
}
