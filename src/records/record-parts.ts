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
  /** Milliseconds of the back-off from there; a forced refresh ignores it. */
  readonly waitMs: number;
  /** Milliseconds for which the service itself forbids a request (Retry-After), a forced one too. */
  readonly forbiddenMs?: number;
  /** Failed attempts in a row, this one included. */
  readonly failures: number;
  /** Fingerprint of app key and secret, which alone a refusal of credentials concerns. */
  readonly credentials: string;
}

/** Milliseconds after a failure in which no ordinary attempt is made. */
export function restMs({ waitMs, forbiddenMs = 0 }: StoredFailure): number {
  return Math.max(waitMs, forbiddenMs);
}

/** The last refresh that a refused token caused, and how long the next one of its kind has to wait. */
export interface RefusalSpacing {
  /** Epoch ms of that refresh. */
  readonly refreshedAt: number;
  /** Milliseconds from there to the next. */
  readonly waitMs: number;
}

const clockToleranceMs = 60_000;
const longestSpanMs = 86_400_000;
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
  const { code, message, responseStatus, failedAt, waitMs, forbiddenMs, failures, credentials } =
    raw;
  if (!isFailureCode(code) || typeof message !== 'string') return undefined;
  if (typeof credentials !== 'string' || !isPast(failedAt, now)) return undefined;
  if (!isSpan(waitMs) || (forbiddenMs !== undefined && !isSpan(forbiddenMs))) return undefined;
  if (!Number.isSafeInteger(failures)) return undefined;
  return {
    code,
    message: printable(message),
    ...(typeof responseStatus === 'number' && { responseStatus }),
    failedAt,
    waitMs,
    ...(forbiddenMs !== undefined && { forbiddenMs }),
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

/** Returns whether a value is a number of milliseconds, a day at the most. */
function isSpan(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= longestSpanMs;
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
