// Compiled, never run: see core.ts.
import { createTokenManager, type TokenStore } from 'tt-token-manager';
import {
  keyringStore,
  optionsFromKeyring,
  type KeyringOptions,
  type KeyringStoreOptions,
} from 'tt-token-manager/keyring';

/** With options and without. */
export async function useKeyring(): Promise<TokenStore> {
  const named: KeyringStoreOptions = { service: 'mine' };
  const asked: KeyringOptions = { service: 'mine', env: process.env };
  const store = keyringStore(named);
  await createTokenManager({ ...(await optionsFromKeyring(asked)), store }).close();
  await createTokenManager({ ...(await optionsFromKeyring()), store: keyringStore() }).close();
  // @ts-expect-error -- a name must be a text
  keyringStore({ service: 1 });
  return store;
}
