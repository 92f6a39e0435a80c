import { pause, throwIfAborted, withTimeout } from '../base/abort.js';
import { createRedating } from './redating.js';
import type { Events, StoreOperation } from './events.js';
import type { Redactor } from '../base/redactor.js';
import {
  isAhead,
  isLater,
  newest,
  readRecord,
  readState,
  toRecord,
  type SharedState,
  type StoredRecord,
} from '../records/record.js';
import type { StoreIdentity } from '../stores/store.js';
import type { StoreLease, StoreSession, StoreWatch } from '../stores/store.js';
import { createStoreLimit } from './store-limit.js';

/** What all processes share: kept in the store or, where the store fails, in memory only. */
export interface SharedKnowledge {
  /** Returns what the last read found. */
  known(): SharedState;
  /** Reads the store. */
  look(): Promise<SharedState>;
  /** Writes the result of a refresh, under the lease if it is still held; never over a newer token. */
  keep(state: SharedState, lease: StoreLease | undefined): Promise<void>;
  /** Takes the refresh lock; undefined while another process holds it, `'unavailable'` if the store has none. */
  acquire(): Promise<StoreLease | 'unavailable' | undefined>;
  /** Releases the lock. */
  release(lease: StoreLease): Promise<void>;
  /** Watches for the result of the process that holds the lock. */
  watch(): StoreWatch;
}

const pollWithoutWatchMs = 250;
/** A watch that resolves continuously must not starve the event loop. */
const restAfterWakes = 10;
const restMs = 10;
/** The store is read again after this time, even if the watch says nothing. */
const lookAgainAfterMs = 1_000;

/** Creates the {@link SharedKnowledge} of one manager; a store that fails costs an event, never an error. */
export function createSharedKnowledge(
  store: StoreSession,
  identity: StoreIdentity,
  events: Events,
  redact: Redactor,
  closed: AbortSignal,
): SharedKnowledge {
  /** The state as it was stored, or should have been. */
  let known: SharedState = {};
  /** Whether the store holds this state. */
  let isStored = true;
  const failing = new Set<StoreOperation>();
  const limit = createStoreLimit();
  const redate = createRedating();

  /** Reports the first failure of an operation, until it succeeds again. */
  async function report<Result, Fallback>(
    operation: StoreOperation,
    fallback: Fallback,
    run: () => Promise<Result>,
  ): Promise<Result | Fallback> {
    try {
      const result = await run();
      failing.delete(operation);
      return result;
    } catch (error) {
      if (!failing.has(operation)) {
        events.emit('storeFailed', { operation, ...redact.describe(error) });
      }
      failing.add(operation);
      return fallback;
    }
  }

  /** Runs a store operation under the time limit; a late result goes to `onLate`. */
  function attempt<Result, Fallback>(
    operation: StoreOperation,
    fallback: Fallback,
    run: () => Promise<Result>,
    onLate: (result: Result) => unknown = () => undefined,
  ): Promise<Result | Fallback> {
    return report(operation, fallback, () => limit(run, onLate));
  }

  function read(): Promise<SharedState | undefined> {
    return attempt('read', undefined, async () => {
      return readRecord(await store.read(), identity, Date.now());
    });
  }

  async function write(
    record: StoredRecord,
    before: SharedState,
    stored: SharedState | undefined,
    lease: StoreLease | undefined,
  ): Promise<boolean> {
    if (lease) {
      const written = await attempt('write', undefined, () => lease.write(record));
      // We lost the lease. A token of a later generation in the store was written by the next holder.
      const isLost = written === false && isLater(stored, before);
      if (written !== false || isLost) return written === true;
    }
    return attempt('write', false, async () => {
      await store.write(record);
      return true;
    });
  }

  return {
    known: () => redate(known),
    async look() {
      const stored = await read();
      // The state in memory is checked again as well: the clock may have been set back since.
      const ours = readState(known, Date.now());
      isStored ||= isLater(stored, ours);
      known = stored && isStored ? stored : newest(ours, stored ?? {});
      if (known.token) redact.learn(known.token.accessToken);
      return redate(known);
    },
    async keep(state, lease) {
      const before = known;
      known = state;
      redate(known);
      isStored = false;
      const stored = await read();
      if (stored && isAhead(stored, state)) {
        known = stored;
        isStored = true;
        return;
      }
      isStored = await write(toRecord(identity, state), before, stored, lease);
    },
    acquire: () =>
      attempt(
        'lock',
        'unavailable' as const,
        () => store.acquire((ownerState) => events.emit('lockTakenOver', { ownerState })),
        (lease) => lease?.release(),
      ),
    async release(lease) {
      // Called in any case: a slow store must get its lock back too.
      const releasing = Promise.resolve().then(() => lease.release());
      releasing.catch(() => undefined);
      await attempt('release', undefined, () => releasing);
    },
    watch() {
      // Started at once. If the store cannot watch, it is read now and then.
      const opening = attempt(
        'watch',
        undefined,
        async () => Promise.resolve(store.watch()),
        (late) => late.close(),
      );
      let changing: Promise<boolean> | undefined;
      let wakes = 0;

      function changeOf(watch: StoreWatch): Promise<boolean> {
        changing ??= report('watch', false, () => watch.changed().then(() => true)).finally(
          () => (changing = undefined),
        );
        return changing;
      }

      return {
        async changed() {
          const watch = await opening;
          const seen = watch && (await within(lookAgainAfterMs, changeOf(watch), closed));
          if (!seen) await pause(pollWithoutWatchMs, closed);
          else if (++wakes % restAfterWakes === 0) await pause(restMs, closed);
        },
        close() {
          void opening.then(async (watch) => {
            if (watch) await attempt('watch', undefined, () => opening.then(() => watch.close()));
          });
        },
      };
    },
  };
}

/** Returns what a promise resolves with, or true when it takes longer. */
async function within(
  limitMs: number,
  promise: Promise<boolean>,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    return await withTimeout(limitMs, signal, () => promise);
  } catch {
    throwIfAborted(signal);
    return true;
  }
}
