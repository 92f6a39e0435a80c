import { recordFormat } from '../../src/records/format.js';
import { keySource, type EncryptionKey } from '../../src/records/key.js';
import { lifeMs, toRecord, type SharedState } from '../../src/records/record.js';
import type { StoreIdentity, TokenStore } from '../../src/index.js';

/** Puts a state into a store, as a manager of this owner does. */
export async function writeRecord(
  store: TokenStore,
  owner: StoreIdentity,
  state: SharedState,
  encryptionKey?: EncryptionKey,
): Promise<void> {
  const format = recordFormat(
    owner,
    encryptionKey === undefined ? undefined : keySource(encryptionKey),
  );
  const text = await format.serialize(toRecord(owner, state));
  await store.open(owner).write(text, { lifeMs: lifeMs(state, Date.now()) });
}
