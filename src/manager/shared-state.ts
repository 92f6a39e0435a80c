import type { Redactor } from '../base/redactor.js';
import { storeIdentity, type ResolvedOptions } from '../options/options.js';
import { recordFormat } from '../records/format.js';
import {
  isAhead,
  isLater,
  lifeMs,
  newest,
  readRecord,
  readState,
  toRecord,
  type SharedState,
} from '../records/record.js';
import { tokenFileStore } from '../stores/file/index.js';
import type { StoreLease, StoreSession, StoreWriteOptions } from '../stores/store.js';
import type { Events, StoreOperation } from './events.js';
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
  /** Asks a store again that did not answer. */
  askAgain(): void;
}

/** Creates the {@link SharedKnowledge} of one manager; a store that fails costs an event, never an error. */
export function createSharedKnowledge(
  options: ResolvedOptions,
  events: Events,
  redact: Redactor,
): SharedKnowledge {
  const { store, tokenFile, encryptionKey } = options;
  const identity = storeIdentity(options);
  const format = recordFormat(identity, encryptionKey);
  const open = openWhenUsed(() => (store ?? tokenFileStore(tokenFile)).open(identity));
  /** The state as it was stored, or should have been. */
  let known: SharedState = {};
  /** Whether the store holds this state. */
  let isStored = true;
  const failing = new Set<StoreOperation>();
  const limit = createStoreLimit();

  /** Runs a store operation; reports its first failure, until it succeeds again. A late result goes to `onLate`. */
  async function attempt<Result, Fallback>(
    operation: StoreOperation,
    fallback: Fallback,
    run: () => Promise<Result>,
    onLate: (result: Result) => unknown = () => undefined,
  ): Promise<Result | Fallback> {
    try {
      const result = await limit.run(run, onLate);
      failing.delete(operation);
      return result;
    } catch (error) {
      const isNew = !failing.has(operation);
      failing.add(operation);
      if (isNew) events.emit('storeFailed', { operation, ...redact.describe(error) });
      return fallback;
    }
  }

  function read(): Promise<SharedState | undefined> {
    return attempt('read', undefined, async () => {
      const text: unknown = await (await open()).read();
      if (text === undefined || text === null) return undefined;
      if (typeof text !== 'string') {
        throw new TypeError('the store gave no text, but a value of another type');
      }
      return readRecord(await format.parse(text), identity, Date.now());
    });
  }

  /** Writes a state in the place of the one before; returns whether the store has it now. */
  async function write(
    state: SharedState,
    before: SharedState,
    stored: SharedState | undefined,
    lease: StoreLease | undefined,
  ): Promise<boolean> {
    const told = async (): Promise<[string, StoreWriteOptions]> => {
      const text = await format.serialize(toRecord(identity, state));
      return [text, { lifeMs: lifeMs(state, Date.now()) }];
    };
    if (lease) {
      const written = await attempt('write', undefined, async () => lease.write(...(await told())));
      // We lost the lease. A token of a later generation in the store was written by the next holder.
      const isLost = written === false && isLater(stored, before);
      if (written !== false || isLost) return written === true;
    }
    return attempt('write', false, async () => {
      await (await open()).write(...(await told()));
      return true;
    });
  }

  return {
    known: () => known,
    async look() {
      const stored = await read();
      // The state in memory is checked again as well: the clock may have been set back since.
      const ours = readState(known, Date.now());
      isStored ||= isLater(stored, ours);
      known = stored && isStored ? stored : newest(ours, stored ?? {});
      if (known.token) redact.learnToken(known.token.accessToken);
      return known;
    },
    async keep(state, lease) {
      const before = known;
      known = state;
      isStored = false;
      const stored = await read();
      if (stored && isAhead(stored, state)) {
        known = stored;
        isStored = true;
        return;
      }
      isStored = await write(state, before, stored, lease);
    },
    acquire: () =>
      attempt(
        'lock',
        'unavailable' as const,
        async () => {
          // The lock is of use only to those who can read what its holder writes.
          await encryptionKey?.get();
          const session = await open();
          return session.acquire((ownerState) => events.emit('lockTakenOver', { ownerState }));
        },
        (lease) => lease?.release(),
      ),
    async release(lease) {
      // Called in any case: a slow store must get its lock back too.
      const releasing = Promise.resolve().then(() => lease.release());
      releasing.catch(() => undefined);
      await attempt('release', undefined, () => releasing);
    },
    askAgain: limit.askAgain,
  };
}

/** Opens a session at first use, and again if that failed. Stores may give a promise of their session. */
function openWhenUsed(open: () => StoreSession | Promise<StoreSession>) {
  let session: StoreSession | undefined;
  return async (): Promise<StoreSession> => (session ??= await open());
}
