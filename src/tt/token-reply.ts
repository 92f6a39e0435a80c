import type { TokenErrorCode } from '../base/errors.js';
import { longestText, type Redactor } from '../base/redactor.js';
import { isHeaderText, isInstant, type Token } from '../base/token.js';

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
  /** Undefined if it was too long. */
  readonly text: string | undefined;
}

/** What an attempt brought. */
export type AttemptOutcome = { readonly token: Token } | { readonly failure: AttemptFailure };

const longestRetryAfterMs = 86_400_000;

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
  if (typeof body?.access_token === 'string') redact.learn(body.access_token);
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
    const retryAfterMs = readRetryAfter(reply.retryAfter);
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

/** A number or a numeric string; NaN for anything else. */
function seconds(value: unknown): number {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^\s*\d+(\.\d+)?\s*$/.test(value) ? Number(value) : NaN;
}

/** Milliseconds of a Retry-After header, in seconds or as a date, a day at the most. */
export function readRetryAfter(header: string | null): number | undefined {
  if (header === null) return undefined;
  const text = header.trim();
  // Date.parse accepts nearly anything, '-3600' included; an HTTP date starts with its weekday.
  const isDate = /^[A-Za-z]{3,9},? .*\d\d:\d\d/.test(text);
  // HTTP dates are in GMT, also in the form that does not name it.
  const date = /\d\d:\d\d(:\d\d)?( \d{4})?$/.test(text) ? `${text} GMT` : text;
  const waitMs = isDate ? Date.parse(date) - Date.now() : seconds(text) * 1_000;
  return waitMs > 0 ? Math.min(waitMs, longestRetryAfterMs) : undefined;
}
