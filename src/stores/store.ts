import type { TTEnvironment } from '../base/environments.js';
import type { StoredRecord } from '../records/record.js';

/** The owner of a record: one of another key, environment or base URL counts as none. */
export interface StoreIdentity {
  /** The environment the token is for. */
  readonly environment: TTEnvironment;
  /** The base URL of the API, in its normal form. */
  readonly baseUrl: string;
  /** Fingerprint of the app key; the key itself is never stored. */
  readonly keyFingerprint: string;
}

/** Shares tokens and failures between the managers of one key: a file, memory, or anything that keeps these promises. */
export interface TokenStore {
  /** Opens the store for one app key, environment and base URL; touches nothing yet and never throws. */
  open(identity: StoreIdentity): StoreSession;
}

/** One manager's access to its store; a promise rejects when the storage fails. */
export interface StoreSession {
  /** The record as stored, unchecked; undefined where there is none or it cannot be parsed. */
  read(): Promise<unknown>;
  /** Replaces the record as a whole and durably, without a lease: for when none can be had. */
  write(record: StoredRecord): Promise<void>;
  /**
   * Takes the refresh lock if it is free or its owner is gone; undefined while somebody else holds it. Never
   * waits. `onTakeover` is called when a lock is removed whose owner is dead or showed no life in time, by
   * whoever removes it, even if another then gets the lock.
   */
  acquire(onTakeover?: (ownerState: 'dead' | 'silent') => void): Promise<StoreLease | undefined>;
  /** Starts to watch for another holder's result; whatever changes from now on ends the next wait. */
  watch(): StoreWatch;
}

/** The refresh lock, held. */
export interface StoreLease {
  /** Replaces the record unless the lease has been lost; returns whether it did. */
  write(record: StoredRecord): Promise<boolean>;
  /** Gives the lock back if it is still ours; idempotent. */
  release(): Promise<void>;
}

/** A watch over the record and the lock. */
export interface StoreWatch {
  /** Resolves when the record or the lock may have changed, or the holder be gone: at once, or within a second. */
  changed(): Promise<void>;
  /** Ends the watch and any wait. */
  close(): void;
}
