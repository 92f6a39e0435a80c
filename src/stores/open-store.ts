import type { ResolvedOptions } from '../options.js';
import { fingerprint } from '../tt/credentials.js';
import { tokenFileStore } from './file.js';
import type { StoreIdentity } from './record.js';
import type { StoreSession } from './store.js';

/** Opens the store that the options name, for the key, environment and base URL that they name. */
export function openStore(options: ResolvedOptions): {
  identity: StoreIdentity;
  session: StoreSession;
} {
  const { apiKey, baseUrl, environment, store, tokenFile, encryptionKey } = options;
  const identity = { environment, baseUrl: baseUrl.href, keyFingerprint: fingerprint(apiKey) };
  const chosen = store ?? tokenFileStore(tokenFile, encryptionKey);
  return { identity, session: chosen.open(identity) };
}
