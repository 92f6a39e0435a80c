import { storeIdentity, type ResolvedOptions } from '../options/options.js';
import { tokenFileStore } from '../stores/file/index.js';
import type { StoreIdentity } from '../stores/store.js';
import type { StoreSession } from '../stores/store.js';

/** Opens the store that the options name, for the key, environment and base URL that they name. */
export function openStore(options: ResolvedOptions): {
  identity: StoreIdentity;
  session: StoreSession;
} {
  const { store, tokenFile, encryptionKey } = options;
  const identity = storeIdentity(options);
  const chosen = store ?? tokenFileStore(tokenFile, encryptionKey);
  return { identity, session: openWhenUsed(() => chosen.open(identity)) };
}

/** Opens a session at first use, and again if that failed. Stores may give a promise of their session. */
function openWhenUsed(open: () => StoreSession | Promise<StoreSession>): StoreSession {
  let session: StoreSession | undefined;
  const opened = async (): Promise<StoreSession> => (session ??= await open());
  return {
    read: async () => (await opened()).read(),
    write: async (record) => (await opened()).write(record),
    acquire: async (onTakeover) => (await opened()).acquire(onTakeover),
    watch: () => (session ??= open() as StoreSession).watch(),
  };
}
