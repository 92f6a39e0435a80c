import type { ResolvedOptions } from '../options.js';
import { tokenFileStore } from './file.js';
import { storeIdentity } from './identity.js';
import type { StoreIdentity } from './record.js';
import type { StoreSession } from './store.js';

/** Opens the store that the options name, for the key, environment and base URL that they name. */
export function openStore(options: ResolvedOptions): {
  identity: StoreIdentity;
  session: StoreSession;
} {
  const { store, tokenFile, encryptionKey } = options;
  const identity = storeIdentity(options);
  const chosen = store ?? tokenFileStore(tokenFile, encryptionKey);
  return { identity, session: chosen.open(identity) };
}
