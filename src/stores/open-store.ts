import type { ResolvedOptions } from '../options.js';
import { fingerprint } from '../tt/credentials.js';
import { defaultFileStore, fileStore } from './file.js';
import type { StoreIdentity } from './record.js';
import type { StoreSession } from './store.js';

/** Opens the store that the options name, for the key, environment and base URL that they name. */
export function openStore({ apiKey, baseUrl, environment, store, tokenFile }: ResolvedOptions): {
  identity: StoreIdentity;
  session: StoreSession;
} {
  const identity = { environment, baseUrl: baseUrl.href, keyFingerprint: fingerprint(apiKey) };
  const chosen = store ?? (tokenFile ? fileStore({ path: tokenFile }) : defaultFileStore());
  return { identity, session: chosen.open(identity) };
}
