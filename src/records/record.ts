import type { Token } from '../base/token.js';
import type { StoreIdentity } from '../stores/store.js';
import {
  isObject,
  readFailure,
  readSpacing,
  readToken,
  restMs,
  type RefusalSpacing,
  type StoredFailure,
} from './record-parts.js';

export { restMs, type RefusalSpacing, type StoredFailure } from './record-parts.js';

/** What all processes share. */
export interface SharedState {
  /**
   * The number of tokens fetched one after the other. It orders records, which the dates of different clocks
   * cannot. Absent in records of version 0.1.0, which count as the first.
   */
  readonly generation?: number;
  /** The newest token. */
  readonly token?: Token;
  /** The last failed attempt, until a token follows. */
  readonly failure?: StoredFailure;
  /** The spacing of refreshes caused by refusals. */
  readonly spacing?: RefusalSpacing;
}

/** The record that a store keeps: plain JSON. */
export interface StoredRecord extends StoreIdentity, SharedState {
  /** The version of this form. */
  readonly version: 1;
}

/** The parts of a state, unchecked. */
type StateParts = { readonly [Part in keyof SharedState]?: unknown };

/** A record that counts further was not written by us; it counts as none, so that the next token replaces it. */
const mostGenerations = 1_000_000_000;
/** Failure counts and refusal spacing go on for a while after all else in a record is over. */
const afterlifeMs = 600_000;

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
  return isRecord(raw) && isOf(owner, raw) ? readState(raw, now) : undefined;
}

/** Returns why what a store returned, null where it cannot be parsed, gives no token. */
export function whyNoToken(
  raw: unknown,
  owner: StoreIdentity,
): 'none' | 'corrupt' | 'of another key or environment' | 'dated ahead' {
  if (raw === undefined) return 'none';
  if (!isRecord(raw)) return 'corrupt';
  if (!isOf(owner, raw)) return 'of another key or environment';
  if (raw.token === undefined) return 'none';
  return readToken(raw.token, Infinity) ? 'dated ahead' : 'corrupt';
}

function isRecord(raw: unknown): raw is StoreIdentity & StateParts {
  if (!isObject(raw) || raw.version !== 1) return false;
  const { environment, baseUrl, keyFingerprint } = raw;
  return [environment, baseUrl, keyFingerprint].every((part) => typeof part === 'string');
}

function isOf(owner: StoreIdentity, record: StoreIdentity): boolean {
  const { environment, baseUrl, keyFingerprint } = owner;
  return (
    record.environment === environment &&
    record.baseUrl === baseUrl &&
    record.keyFingerprint === keyFingerprint
  );
}

/** Reads the parts of a state; those of the wrong type, impossible or dated more than 60 s ahead count as absent. */
export function readState(raw: StateParts, now: number): SharedState {
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
  return generation + 1;
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
 * Combines what memory and store know: the state of the later generation, or of the same one the newer token,
 * failure and spacing. A failure from before the other state's token is over.
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

function isGeneration(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) > 0 && Number(value) < mostGenerations;
}

/** How long a record is of use, for a store that forgets. */
export function lifeMs({ token, failure, spacing }: SharedState, now: number): number {
  // A refusal within twice the wait makes the next wait longer.
  const spacedUntil = spacing ? spacing.refreshedAt + 2 * spacing.waitMs : 0;
  const restedAt = failure ? failure.failedAt + restMs(failure) : 0;
  const lastUse = Math.max(now, token?.expiresAt ?? 0, restedAt, spacedUntil);
  return Math.ceil(lastUse - now) + afterlifeMs;
}
