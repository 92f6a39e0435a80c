import { tokenErrorCodes, type TokenErrorCode } from '../base/errors.js';
import { isHeaderText, isInstant, type Token } from '../base/token.js';
import type { TTEnvironment } from '../base/environments.js';

/** Whose record it is: a record of another key, environment or base URL counts as none. */
export interface StoreIdentity {
  /** The environment the token is for. */
  readonly environment: TTEnvironment;
  /** The base URL of the API, in its normal form. */
  readonly baseUrl: string;
  /** Fingerprint of the app key; the key itself is never stored. */
  readonly keyFingerprint: string;
}

/** A failed attempt, shared so that no other process repeats it before its time. */
export interface StoredFailure {
  readonly code: TokenErrorCode;
  readonly message: string;
  readonly status?: number;
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

/** What all processes know in common. */
export interface SharedState {
  /**
   * How many tokens have been fetched one after the other, which orders records where dates of different
   * clocks cannot; absent in records of version 0.1.0, which count as the first.
   */
  readonly generation?: number;
  readonly token?: Token;
  readonly failure?: StoredFailure;
  readonly spacing?: RefusalSpacing;
}

/** What a store keeps: plain JSON. */
export interface StoredRecord extends StoreIdentity, SharedState {
  readonly version: 1;
}

const clockToleranceMs = 60_000;
const longestRestMs = 86_400_000;
const mostFailures = 1_000_000;
const mostGenerations = 1_000_000_000;
const longestMessage = 200;

/** Puts the shared state into a record of its owner. */
export function toRecord(identity: StoreIdentity, state: SharedState): StoredRecord {
  return { version: 1, ...identity, ...state };
}

/** Reads what a store returned; undefined for a record that is foreign or no record at all. */
export function readRecord(
  raw: unknown,
  owner: StoreIdentity,
  now: number,
): SharedState | undefined {
  if (
    !isObject(raw) ||
    raw.version !== 1 ||
    raw.environment !== owner.environment ||
    raw.baseUrl !== owner.baseUrl ||
    raw.keyFingerprint !== owner.keyFingerprint
  ) {
    return undefined;
  }
  return readState(raw, now);
}

/** Reads the parts of a state; those of the wrong type, impossible or dated more than 60 s ahead count as absent. */
export function readState(
  raw: { readonly [Part in keyof SharedState]?: unknown },
  now: number,
): SharedState {
  const token = readToken(raw.token, now);
  const failure = readFailure(raw.failure, now);
  const spacing = readSpacing(raw.spacing, now);
  return {
    ...(isGeneration(raw.generation) && { generation: raw.generation }),
    ...(token && { token }),
    ...(failure && { failure }),
    ...(spacing && { spacing }),
  };
}

/** The generation of the token that is fetched next. */
export function nextGeneration({ generation = 0 }: SharedState): number {
  return generation < mostGenerations ? generation + 1 : 1;
}

/** Returns whether one state has seen more tokens than another. */
export function isLater(one: SharedState | undefined, other: SharedState): boolean {
  return (one?.generation ?? 0) > (other.generation ?? 0);
}

/**
 * Returns whether a stored state must not be replaced by another: its token is of a later generation or, where
 * two were fetched at a time without a lock, was obtained later.
 */
export function isAhead(stored: SharedState, other: SharedState): boolean {
  if (isLater(stored, other) || isLater(other, stored)) return isLater(stored, other);
  return (stored.token?.obtainedAt ?? 0) > (other.token?.obtainedAt ?? 0);
}

/**
 * What memory and store know together: what is of the later generation. Of the same one it is the newer token,
 * failure and spacing, and a failure from before the other's token is over.
 */
export function newest(memory: SharedState, stored: SharedState): SharedState {
  if (isLater(memory, stored)) return memory;
  if (isLater(stored, memory)) return stored;
  const token = later(memory.token, stored.token, (value) => value.obtainedAt);
  const failure = later(memory.failure, stored.failure, (value) => value.failedAt);
  const spacing = later(memory.spacing, stored.spacing, (value) => value.refreshedAt);
  const tokenBefore = failure === memory.failure ? memory.token : stored.token;
  const isOver = failure && token && token !== tokenBefore && token.obtainedAt > failure.failedAt;
  return {
    ...(stored.generation !== undefined && { generation: stored.generation }),
    ...(token && { token }),
    ...(failure && !isOver && { failure }),
    ...(spacing && { spacing }),
  };
}

/** The later of two values, the second where they are equally old. */
function later<Value>(
  one: Value | undefined,
  other: Value | undefined,
  instantOf: (value: Value) => number,
): Value | undefined {
  if (!one || !other) return one ?? other;
  return instantOf(one) > instantOf(other) ? one : other;
}

function isPast(value: unknown, now: number): value is number {
  return isInstant(value) && value <= now + clockToleranceMs;
}

function isGeneration(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) > 0 && Number(value) <= mostGenerations;
}

/** The text in one printable line: it may have been written by anybody. */
function printable(text: string): string {
  return text.slice(0, longestMessage).replace(/[^\x20-\x7e]+/g, ' ');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function readToken(raw: unknown, now: number): Token | undefined {
  if (!isObject(raw)) return undefined;
  const { accessToken, tokenType, obtainedAt, expiresAt } = raw;
  if (!isHeaderText(accessToken) || !isHeaderText(tokenType)) return undefined;
  if (!isPast(obtainedAt, now) || !isInstant(expiresAt) || expiresAt <= obtainedAt)
    return undefined;
  return Object.freeze({ accessToken, tokenType, obtainedAt, expiresAt });
}

function readFailure(raw: unknown, now: number): StoredFailure | undefined {
  if (!isObject(raw)) return undefined;
  const { code, message, status, failedAt, retryAt, isForbidden, failures, credentials } = raw;
  if (typeof code !== 'string' || !tokenErrorCodes.has(code) || code === 'MANAGER_CLOSED')
    return undefined;
  if (typeof message !== 'string' || typeof credentials !== 'string') return undefined;
  if (typeof isForbidden !== 'boolean' || !Number.isSafeInteger(failures)) return undefined;
  if (
    !isPast(failedAt, now) ||
    !isInstant(retryAt) ||
    retryAt > now + longestRestMs + clockToleranceMs
  )
    return undefined;
  return {
    code: code as TokenErrorCode,
    message: printable(message),
    ...(typeof status === 'number' && { status }),
    failedAt,
    retryAt,
    isForbidden,
    failures: Math.min(Math.max(1, failures as number), mostFailures),
    credentials,
  };
}

function readSpacing(raw: unknown, now: number): RefusalSpacing | undefined {
  if (!isObject(raw) || !isPast(raw.refreshedAt, now)) return undefined;
  if (typeof raw.waitMs !== 'number' || !(raw.waitMs > 0 && raw.waitMs <= 600_000))
    return undefined;
  return { refreshedAt: raw.refreshedAt, waitMs: raw.waitMs };
}
