import type { TTEnvironment } from '../base/environments.js';

/** Whose text a store keeps: managers of another key, environment or base URL neither see it nor share its lock. */
export interface StoreIdentity {
  /** The environment the token is for. */
  readonly environment: TTEnvironment;
  /** The base URL of the API, in its normal form. */
  readonly baseUrl: string;
  /** Fingerprint of the app key; the key itself is never stored. */
  readonly keyFingerprint: string;
}

/**
 * Keeps one text and one lock for the managers of one key: in a file, in memory, or in anything that keeps these
 * promises. What the text says, its encryption, time limits (5 s an operation) and waiting are the manager's.
 */
export interface TokenStore {
  /** Opens the store for one app key, environment and base URL; touches nothing yet and never throws. */
  open(identity: StoreIdentity): StoreSession;
  /** True for a store of one text, whoever opens it, such as one file: the last text written is there. */
  readonly isOfOneText?: boolean;
}

/** One manager's access to its store; a promise rejects when the storage fails. */
export interface StoreSession {
  /** The text as it was written; undefined where there is none. */
  read(): Promise<string | undefined>;
  /** Replaces the text as a whole and durably, without a lease: for when none can be had. */
  write(text: string, options: StoreWriteOptions): Promise<void>;
  /**
   * Takes the refresh lock if it is free or its owner is gone; undefined while somebody else holds it. Never
   * waits: who waits for the lock asks again. `onTakeover` is called when the lock of an owner that is dead, or
   * has shown no life in time, is taken over.
   */
  acquire(onTakeover?: (ownerState: 'dead' | 'silent') => void): Promise<StoreLease | undefined>;
}

/** The refresh lock, held. */
export interface StoreLease {
  /** Replaces the text unless the lease has been lost; returns whether it did. */
  write(text: string, options: StoreWriteOptions): Promise<boolean>;
  /** Gives the lock back if it is still ours; idempotent. */
  release(): Promise<void>;
}

/** What a store is told of a text. */
export interface StoreWriteOptions {
  /** Milliseconds after which the text is of no use to anybody, for a store that forgets. */
  readonly lifeMs: number;
}
