import {
  memoryStore,
  type StoreLease,
  type StoreSession,
  type TokenStore,
} from '../../src/index.js';

/** An operation of a store that can be made to fail. */
export type Breakable = 'read' | 'lock' | 'write' | 'release';

/** A memory store whose operations fail while they are named in `broken`. */
export function breakableStore(how: 'rejects' | 'throws' = 'rejects'): {
  store: TokenStore;
  broken: Set<Breakable>;
} {
  const inner = memoryStore();
  const broken = new Set<Breakable>();

  function unless<Result>(operation: Breakable, run: () => Promise<Result>): Promise<Result> {
    if (!broken.has(operation)) return run();
    const error = new Error(`${operation} refused`);
    if (how === 'throws') throw error;
    return Promise.reject(error);
  }

  function breakableLease(lease: StoreLease): StoreLease {
    return {
      write: (...given) => unless('write', () => lease.write(...given)),
      release: () => unless('release', () => lease.release()),
    };
  }

  const store: TokenStore = {
    open(identity): StoreSession {
      const session = inner.open(identity);
      return {
        read: () => unless('read', () => session.read()),
        write: (...given) => unless('write', () => session.write(...given)),
        acquire: () =>
          unless('lock', async () => {
            const lease = await session.acquire();
            return lease && breakableLease(lease);
          }),
      };
    },
  };
  return { store, broken };
}
