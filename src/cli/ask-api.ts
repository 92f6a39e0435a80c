import { TimeoutError, withTimeout } from '../base/abort.js';
import { keepingAlive } from '../base/keep-alive.js';
import type { ResolvedOptions } from '../options/options.js';
import type { Redactor } from '../base/redactor.js';
import { formatBearerToken, type Token } from '../base/token.js';
import { endpointUrl } from '../base/environments.js';
import { readRetryAfter } from '../tt/token-reply.js';
import { createTrustCheck } from '../tt/trusted-origins.js';
import { RedirectRefused, sendTrusted } from '../tt/trusted-request.js';
import { CommandFailure, exitCodes } from './failure.js';

/**
 * Asks the API with a token; resolves to the reason why the API refused it, or undefined if it did not.
 * @throws CommandFailure when the answer says nothing about the token, or none came.
 */
export async function askApi(
  resolved: ResolvedOptions,
  token: Token,
  redact: Redactor,
): Promise<string | undefined> {
  const { status, retryAfter, said } = await request(resolved, token, redact);
  const answer = `the API answered ${status}${said === '' ? '' : `: ${said}`}`;

  if (status === 200) return undefined;
  if (status === 401 || (status === 403 && /expir/i.test(said))) {
    return `${answer}; get a new token with tt-token --force-refresh`;
  }
  if (status === 429) {
    const waitMs = readRetryAfter(retryAfter);
    const retryAt = waitMs === undefined ? undefined : Date.now() + waitMs;
    throw apiFailure('API_RATE_LIMITED', `${answer}; wait before you try again`, retryAt);
  }
  const hint = status === 403 ? 'TT_API_KEY, TT_ENVIRONMENT and TT_BASE_URL' : 'TT_BASE_URL';
  throw apiFailure('API_REQUEST_FAILED', `${answer}; check ${hint}, or try again later`);
}

async function request(
  resolved: ResolvedOptions,
  token: Token,
  redact: Redactor,
): Promise<{ status: number; retryAfter: string | null; said: string }> {
  const { apiKey, baseUrl, trustedOrigins, timeoutMs } = resolved;
  const url = endpointUrl(resolved, 'ttpds', 'markets');
  const headers = {
    'x-api-key': apiKey,
    authorization: formatBearerToken(token),
    accept: 'application/json',
  };
  const isTrusted = createTrustCheck(baseUrl, trustedOrigins);

  async function send(signal: AbortSignal) {
    const response = await sendTrusted({ url, headers }, { ...resolved, isTrusted, signal });
    const said = redact.text(messageIn(await response.text()));
    return { status: response.status, retryAfter: response.headers.get('retry-after'), said };
  }

  try {
    return await keepingAlive(withTimeout(timeoutMs, new AbortController().signal, send));
  } catch (error) {
    const isOwn = error instanceof TimeoutError || error instanceof RedirectRefused;
    const problem = isOwn ? error.message : `was not reached (${redact.text(causeOf(error))})`;
    throw apiFailure(
      'API_REQUEST_FAILED',
      `the API at ${baseUrl.origin} ${problem}; check the network and TT_BASE_URL`,
    );
  }
}

/** What the gateway says of a failure, `{"message":"…"}`. */
function messageIn(body: string): string {
  try {
    const { message } = JSON.parse(body) as { message?: unknown };
    return typeof message === 'string' ? message : '';
  } catch {
    return '';
  }
}

/** `fetch failed` says nothing, its cause does. */
function causeOf(error: unknown): string {
  const { cause = error } = error as Error;
  return (cause as NodeJS.ErrnoException).code ?? String(cause);
}

function apiFailure(code: string, message: string, retryAt?: number): CommandFailure {
  return new CommandFailure({ exitCode: exitCodes.failed, code, message, retryAt });
}
