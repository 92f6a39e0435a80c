import type { ResolvedOptions } from '../options/options.js';
import { tokenFileStore } from '../stores/file/index.js';
import { storeIdentity } from '../stores/identity.js';
import type { StoreIdentity } from '../stores/record.js';
import type { StoreSession } from '../stores/store.js';

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
