import { tokenErrorCodes, type TokenErrorCode } from '../base/errors.js';
import { isHeaderText, isInstant, type Token } from '../base/token.js';

/** A failed attempt, shared so that no other process repeats it before its time. */
export interface StoredFailure {
  /** The code of the error that callers get. */
  readonly code: TokenErrorCode;
  /** What happened, and what to do. */
  readonly message: string;
  /** The HTTP status, where the endpoint answered. */
  readonly responseStatus?: number;
  /** Epoch ms of the attempt. */
  readonly failedAt: number;
  /** Epoch ms at which the next attempt is due. */
  readonly retryAt: number;
  /** Whether the service itself named `retryAt` (Retry-After), so that not even a forced refresh may come earlier. */
  readonly isForbidden: boolean;
  /** Failed attempts in a row, this one included. */
  readonly failures: number;
  /** Fingerprint of app key and secret, which alone a refusal of credentials concerns. */
  readonly credentials: string;
}

/** The last refresh that a refused token caused, and how long the next one of its kind has to wait. */
export interface RefusalSpacing {
  /** Epoch ms of that refresh. */
  readonly refreshedAt: number;
  /** Milliseconds from there to the next. */
  readonly waitMs: number;
}

const clockToleranceMs = 60_000;
const longestRestMs = 86_400_000;
const mostFailures = 1_000_000;
const longestWaitMs = 600_000;
const longestMessage = 200;

/** Reads a stored token; undefined for anything else. */
export function readToken(raw: unknown, now: number): Token | undefined {
  if (!isObject(raw)) return undefined;
  const { accessToken, tokenType, obtainedAt, expiresAt } = raw;
  if (!isHeaderText(accessToken) || !isHeaderText(tokenType)) return undefined;
  if (!isPast(obtainedAt, now) || !isInstant(expiresAt)) return undefined;
  if (expiresAt <= obtainedAt) return undefined;
  return Object.freeze({ accessToken, tokenType, obtainedAt, expiresAt });
}

/** Reads a stored failure; undefined for anything else. */
export function readFailure(raw: unknown, now: number): StoredFailure | undefined {
  if (!isObject(raw)) return undefined;
  const { code, message, responseStatus, failedAt, retryAt, isForbidden, failures, credentials } =
    raw;
  if (!isFailureCode(code) || typeof message !== 'string') return undefined;
  if (typeof credentials !== 'string' || typeof isForbidden !== 'boolean') return undefined;
  if (!isPast(failedAt, now) || !isPast(retryAt, now + longestRestMs)) return undefined;
  if (!Number.isSafeInteger(failures)) return undefined;
  return {
    code,
    message: printable(message),
    ...(typeof responseStatus === 'number' && { responseStatus }),
    failedAt,
    retryAt,
    isForbidden,
    failures: Math.min(Math.max(1, failures as number), mostFailures),
    credentials,
  };
}

/** Reads a stored spacing; undefined for anything else. */
export function readSpacing(raw: unknown, now: number): RefusalSpacing | undefined {
  if (!isObject(raw) || !isPast(raw.refreshedAt, now)) return undefined;
  const { refreshedAt, waitMs } = raw;
  const isWait = typeof waitMs === 'number' && waitMs > 0 && waitMs <= longestWaitMs;
  return isWait ? { refreshedAt, waitMs } : undefined;
}

/** Returns whether a value is an object that may be a record or a part of one. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isPast(value: unknown, now: number): value is number {
  return isInstant(value) && value <= now + clockToleranceMs;
}

function isFailureCode(value: unknown): value is TokenErrorCode {
  return typeof value === 'string' && tokenErrorCodes.has(value) && value !== 'MANAGER_CLOSED';
}

/** Returns a text as one short, printable line: anybody may have written it. */
function printable(text: string): string {
  return text.slice(0, longestMessage).replace(/[^\x20-\x7e]+/g, ' ');
}
