import { pause } from '../base/abort.js';
import type { Events, StoreOperation } from './events.js';
import type { Redactor } from '../base/redactor.js';
import {
  newest,
  readRecord,
  readState,
  toRecord,
  type SharedState,
  type StoreIdentity,
} from '../stores/record.js';
import type { StoreLease, StoreSession, StoreWatch } from '../stores/store.js';

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

const pollWithoutWatchMs = 250;
/** A watch that tells of changes without end must not keep the event loop from everything else. */
const restAfterWakes = 10;
const restMs = 10;

/** Creates the {@link SharedKnowledge} of one manager; a store that refuses costs an event, never an error. */
export function createSharedKnowledge(
  store: StoreSession,
  identity: StoreIdentity,
  events: Events,
  redact: Redactor,
  closed: AbortSignal,
): SharedKnowledge {
  let known: SharedState = {};
  const failing = new Set<StoreOperation>();

  /** Reports the first failure of an operation, until it succeeds again. */
  async function attempt<Result, Fallback>(
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
        events.emit('storeFailed', { operation, message: redact.reason(error) });
      }
      failing.add(operation);
      return fallback;
    }
  }

  function read(): Promise<SharedState> {
    const nothing: SharedState = {};
    return attempt('read', nothing, async () => {
      return readRecord(await store.read(), identity, Date.now()) ?? nothing;
    });
  }

  return {
    known: () => known,
    async look() {
      const stored = await read();
      // What is in memory is read anew as well: the clock may have been set back since.
      known = newest(readState(known, Date.now()), stored);
      if (known.token) redact.learn(known.token.accessToken);
      return known;
    },
    async keep(state, lease) {
      const before = known.token;
      known = state;
      const stored = await read();
      if (stored.token && stored.token.obtainedAt > (state.token?.obtainedAt ?? 0)) {
        known = newest(state, stored);
        return;
      }
      const record = toRecord(identity, state);
      if (lease && (await attempt('write', true, () => lease.write(record)))) return;
      // Late: what came under the next lease is the newer token, whatever another host's clock says.
      if (lease && stored.token && stored.token.accessToken !== before?.accessToken) return;
      await attempt('write', undefined, () => store.write(record));
    },
    acquire: () =>
      attempt('lock', 'unavailable' as const, () =>
        store.acquire((ownerState) => events.emit('lockTakenOver', { ownerState })),
      ),
    release: (lease) => attempt('release', undefined, () => lease.release()),
    watch() {
      // Opened here and now; a store that refuses this is looked at now and then.
      const opening = attempt('watch', undefined, async () => Promise.resolve(store.watch()));
      let wakes = 0;
      return {
        async changed() {
          const watch = await opening;
          const seen =
            watch && (await attempt('watch', false, () => watch.changed().then(() => true)));
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
