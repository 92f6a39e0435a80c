import type { Events, StoreOperation } from './events.js';
import type { Redactor } from './secrecy.js';
import {
  newest,
  readRecord,
  toRecord,
  type SharedState,
  type StoreIdentity,
} from './stores/record.js';
import type { StoreLease, StoreSession, StoreWatch } from './stores/store.js';

/** What the processes know in common, kept in the store and, where that refuses, in memory alone. */
export interface SharedKnowledge {
  /** What was known at the last look. */
  known(): SharedState;
  /** Looks into the store. */
  look(): Promise<SharedState>;
  /** Writes what came of a refresh, under the lease if it still holds; never over a newer token. */
  keep(state: SharedState, lease: StoreLease | undefined): Promise<void>;
  /** Takes the refresh lock; undefined while somebody else holds it, `'unavailable'` where there is none. */
  acquire(): Promise<StoreLease | 'unavailable' | undefined>;
  /** Gives the lock back. */
  release(lease: StoreLease): Promise<void>;
  /** Watches for the result of whoever holds the lock. */
  watch(): StoreWatch;
}

/** Creates the {@link SharedKnowledge} of one manager; a store that refuses costs an event, never an error. */
export function createSharedKnowledge(
  store: StoreSession,
  identity: StoreIdentity,
  events: Events,
  redact: Redactor,
): SharedKnowledge {
  let known: SharedState = {};
  const reported = new Map<StoreOperation, string>();

  /** Reports the first failure of each kind, until the operation succeeds again. */
  async function attempt<Result, Fallback>(
    operation: StoreOperation,
    fallback: Fallback,
    run: () => Promise<Result>,
  ): Promise<Result | Fallback> {
    try {
      const result = await run();
      reported.delete(operation);
      return result;
    } catch (error) {
      const message = redact.local(error);
      if (reported.get(operation) !== message) events.emit('storeFailed', { operation, message });
      reported.set(operation, message);
      return fallback;
    }
  }

  async function read(): Promise<SharedState> {
    const raw = await attempt('read', undefined, () => store.read());
    return readRecord(raw, identity, Date.now()) ?? {};
  }

  return {
    known: () => known,
    async look() {
      known = newest(known, await read());
      if (known.token) redact.learn(known.token.accessToken);
      return known;
    },
    async keep(state, lease) {
      known = state;
      const record = toRecord(identity, state);
      if (lease && (await attempt('write', true, () => lease.write(record)))) return;
      const stored = await read();
      const isOlder = (stored.token?.obtainedAt ?? 0) > (state.token?.obtainedAt ?? 0);
      if (!isOlder) await attempt('write', undefined, () => store.write(record));
    },
    async acquire() {
      const lease = await attempt('lock', 'unavailable' as const, () => store.acquire());
      if (typeof lease === 'object' && lease.takenFrom) {
        events.emit('lockTakenOver', { ownerState: lease.takenFrom });
      }
      return lease;
    },
    release: (lease) => attempt('release', undefined, () => lease.release()),
    watch: () => store.watch(),
  };
}
