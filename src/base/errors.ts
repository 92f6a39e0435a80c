import { isNativeError } from 'node:util/types';

const codes = [
  'TOKEN_REQUEST_FAILED',
  'TOKEN_RATE_LIMITED',
  'CREDENTIALS_REJECTED',
  'TOKEN_RESPONSE_INVALID',
  'MANAGER_CLOSED',
] as const;

/** Why a token could not be had. */
export type TokenErrorCode = (typeof codes)[number];

/** Every code a {@link TokenError} can carry. */
export const tokenErrorCodes: ReadonlySet<string> = new Set(codes);

/** What a {@link TokenError} is made of. */
export interface TokenErrorDetails {
  /** Why the token could not be had. */
  readonly code: TokenErrorCode;
  /** What happened and what to do, free of secrets. */
  readonly message: string;
  /** HTTP status of the token endpoint's answer, if there was one. */
  readonly responseStatus?: number | undefined;
  /** Epoch ms before which no new attempt is made. */
  readonly retryAt?: number | undefined;
  /** The underlying error, free of secrets. */
  readonly cause?: unknown;
}

/**
 * A token could not be had; `code` says why and `retryAt` (epoch ms) when the next attempt is due.
 * Recognise it with {@link isTokenError}: the ESM and the CJS copy of this package have a class each.
 */
export class TokenError extends Error {
  /** The name of the class. */
  override readonly name = 'TokenError';
  /** Why the token could not be had. */
  readonly code: TokenErrorCode;
  /**
   * HTTP status of the token endpoint's answer, if there was one. Not `status`, which Express, Fastify and Koa would
   * answer their own caller with.
   */
  declare readonly responseStatus?: number;
  /** Epoch ms before which no new attempt is made; absent where waiting does not help. */
  declare readonly retryAt?: number;

  constructor({ code, message, responseStatus, retryAt, cause }: TokenErrorDetails) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    if (responseStatus !== undefined) this.responseStatus = responseStatus;
    if (retryAt !== undefined) this.retryAt = retryAt;
  }
}

/**
 * Returns whether a caught value is this package's {@link TokenError}, whichever copy of the package
 * and whichever realm (Jest, vm) made it; narrows `code`, `responseStatus` and `retryAt`.
 */
export function isTokenError(value: unknown): value is TokenError {
  return (
    isNativeError(value) &&
    value.name === 'TokenError' &&
    tokenErrorCodes.has(String((value as { code?: unknown }).code))
  );
}
