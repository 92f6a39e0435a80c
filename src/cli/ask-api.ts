import { TimeoutError, keepingAlive, withTimeout } from '../base/abort.js';
import type { Redactor } from '../base/redactor.js';
import { formatBearerToken, type Token } from '../base/token.js';
import type { ResolvedOptions } from '../options/options.js';
import { parseJson } from '../base/parse-json.js';
import { apiUrl } from '../tt/api-url.js';
import { readText } from '../tt/read-text.js';
import { adviceFor } from '../tt/token-endpoint.js';
import { readRetryAfter } from '../tt/retry-after.js';
import { createTrustCheck } from '../tt/trusted-origins.js';
import { RedirectRefused, sendTrusted } from '../tt/trusted-request.js';
import { CommandFailure } from './failure.js';

/**
 * Asks the API with a token. Resolves to the reason why the API refused it, or undefined if it did not.
 * @throws CommandFailure when the answer says nothing about the token, or there is none.
 */
export async function askApi(
  resolved: ResolvedOptions,
  token: Token,
  redact: Redactor,
): Promise<string | undefined> {
  const { status, retryAfterMs, said } = await request(resolved, token, redact);
  const answer = `the API answered ${status}${said && `: ${said}`}`;

  if (status === 200) return undefined;
  if (status === 401 || (status === 403 && /expir/i.test(said))) {
    return `${answer}; get a new token with tt-token --force-refresh`;
  }
  if (status === 429) {
    const retryAt = retryAfterMs === undefined ? undefined : Date.now() + retryAfterMs;
    throw new CommandFailure('API_RATE_LIMITED', `${answer}; wait before you try again`, retryAt);
  }
  const hint = status === 403 ? 'TT_API_KEY, TT_ENVIRONMENT and TT_BASE_URL' : 'TT_BASE_URL';
  throw new CommandFailure('API_REQUEST_FAILED', `${answer}; check ${hint}, or try again later`);
}

async function request(resolved: ResolvedOptions, token: Token, redact: Redactor) {
  const { apiKey, baseUrl, trustedOrigins, timeoutMs } = resolved;
  const url = apiUrl(resolved, 'ttpds', 'markets');
  const authorization = formatBearerToken(token);
  const headers = { 'x-api-key': apiKey, authorization, accept: 'application/json' };
  const isTrusted = createTrustCheck(baseUrl, trustedOrigins);

  async function send(signal: AbortSignal) {
    const response = await sendTrusted({ url, headers }, { ...resolved, isTrusted, signal });
    const { headers: given } = response;
    const retryAfterMs = readRetryAfter(given.get('retry-after'), given.get('date'));
    const said = redact.text(messageIn(await readText(response)));
    return { status: response.status, retryAfterMs, said };
  }

  try {
    return await keepingAlive(withTimeout(timeoutMs, new AbortController().signal, send));
  } catch (error) {
    const isOwn = error instanceof TimeoutError || error instanceof RedirectRefused;
    const { message, code } = redact.describe(error);
    const problem = isOwn ? error.message : `was not reached: ${message}`;
    const advice = (!isOwn && adviceFor(code)) || '; check the network and TT_BASE_URL';
    throw new CommandFailure(
      'API_REQUEST_FAILED',
      `the API at ${baseUrl.origin} ${problem}${advice}`,
    );
  }
}

/** What the gateway says of a failure, `{"message":"…"}`. */
function messageIn(body = ''): string {
  const message = (parseJson(body) as { message?: unknown } | null | undefined)?.message;
  return typeof message === 'string' ? message : '';
}
