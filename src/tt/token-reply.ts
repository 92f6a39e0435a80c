import type { TokenErrorCode } from '../base/errors.js';
import { longestText, type Redactor } from '../base/redactor.js';
import { isHeaderText, isInstant, type Token } from '../base/token.js';
import { readRetryAfter, seconds } from './retry-after.js';

/** Why an attempt brought no token. */
export interface AttemptFailure {
  readonly code: TokenErrorCode;
  readonly message: string;
  /** The HTTP status, where the endpoint answered. */
  readonly responseStatus?: number;
  /** Milliseconds that the service asked to wait. */
  readonly retryAfterMs?: number;
  readonly cause?: Error;
}

/** The token endpoint's answer as it came. */
export interface TokenReply {
  readonly status: number;
  readonly retryAfter: string | null;
  /** The clock of the endpoint, from which a Retry-After with a date counts. */
  readonly date: string | null;
  /** Undefined if it was too long. */
  readonly text: string | undefined;
}

/** What an attempt brought. */
export type AttemptOutcome = { readonly token: Token } | { readonly failure: AttemptFailure };

/**
 * Reads an answer of the token endpoint (forms: TT documentation, `tt-rest/v2/gs-token`; failures as seen
 * in public clients).
 * @param sentAt epoch ms at which the request was sent: the lifetime counts from there
 */
export function readTokenReply(
  reply: TokenReply,
  sentAt: number,
  redact: Redactor,
): AttemptOutcome {
  const { status } = reply;
  const body = parseObject(reply.text);
  if (typeof body?.access_token === 'string') redact.learnToken(body.access_token);
  const said = saidIn(body, redact);

  if (status === 429) {
    return failed(
      'TOKEN_RATE_LIMITED',
      `the token endpoint limits the rate of requests (429)${said}`,
    );
  }
  if (status === 400 || status === 401 || status === 403) {
    return failed('CREDENTIALS_REJECTED', `TT refused the app key or secret (${status})${said}`);
  }
  if (status < 200 || status > 299) {
    return failed('TOKEN_REQUEST_FAILED', `the token endpoint answered ${status}${said}`);
  }
  if (body?.status !== undefined && !isOk(body.status)) {
    return failed('CREDENTIALS_REJECTED', `TT refused to give a token${said}`);
  }
  return readToken(body ?? {});

  function readToken(fields: Record<string, unknown>): AttemptOutcome {
    if (reply.text === undefined) {
      return failed('TOKEN_RESPONSE_INVALID', 'the token endpoint answered more than 1 MiB');
    }
    const accessToken = fields.access_token;
    if (!isHeaderText(accessToken)) {
      return failed(
        'TOKEN_RESPONSE_INVALID',
        'the token endpoint answered without an access_token',
      );
    }
    const lifetimeMs = seconds(fields.seconds_until_expiry) * 1_000;
    const expiresAt = sentAt + lifetimeMs;
    if (!(lifetimeMs > 0 && isInstant(expiresAt))) {
      return failed(
        'TOKEN_RESPONSE_INVALID',
        'the token endpoint answered without a usable lifetime',
      );
    }
    if (expiresAt <= Date.now()) {
      return failed('TOKEN_RESPONSE_INVALID', 'the token had expired when the answer arrived');
    }
    const tokenType = isHeaderText(fields.token_type) ? fields.token_type : 'bearer';
    return { token: Object.freeze({ accessToken, tokenType, obtainedAt: sentAt, expiresAt }) };
  }

  function failed(code: TokenErrorCode, message: string): AttemptOutcome {
    const retryAfterMs = readRetryAfter(reply.retryAfter, reply.date);
    return {
      failure: {
        code,
        message: message.slice(0, longestText),
        responseStatus: status,
        ...(retryAfterMs !== undefined && { retryAfterMs }),
      },
    };
  }
}

function isOk(status: unknown): boolean {
  return typeof status === 'string' && status.toLowerCase() === 'ok';
}

function parseObject(text = ''): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** Returns the service's words for a failure, in any form that was seen. */
function saidIn(body: Record<string, unknown> | undefined, redact: Redactor): string {
  const said = [body?.status_message, body?.status_desc, body?.message].find(
    (value) => typeof value === 'string' && value !== '',
  );
  return typeof said === 'string' ? `: ${redact.text(said)}` : '';
}
