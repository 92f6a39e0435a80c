import { readTextFile, replaceFile, type ReplaceOptions } from './atomic-file.js';
import { defaultTokenFile, expandHome } from './default-path.js';
import type { KeySource } from '../sealed/key.js';
import { acquireFileLock } from './lock/lock.js';
import { removePlainTemporaries } from './plain-leftovers.js';
import { recordFormat } from '../sealed/format.js';
import type { StoredRecord, StoreIdentity } from '../record.js';
import type { StoreSession } from '../store.js';
import { locate, makeFolder, type TokenLocation } from './location.js';

/** What a file store does on the disk, for one identity. */
export interface FileSession extends Omit<StoreSession, 'watch'> {
  /** Finds the place of the token file; rejects when something other than a regular file is there. */
  find(): Promise<TokenLocation>;
}

/**
 * Opens the token file at a path that is absolute or begins with `~/`; without one, at the default place of
 * the identity. Touches nothing yet and never throws.
 */
export function openFileSession(
  path: string | undefined,
  key: KeySource | undefined,
  identity: StoreIdentity,
): FileSession {
  const format = recordFormat('the token file', key, identity);
  const find = async () =>
    locate(path === undefined ? defaultTokenFile(identity) : expandHome(path));

  async function replace(
    location: TokenLocation,
    record: StoredRecord,
    options?: ReplaceOptions,
  ): Promise<boolean> {
    const replaced = await replaceFile(location.file, await format.serialize(record), options);
    if (replaced && key) await removePlainTemporaries(location);
    return replaced;
  }

  return {
    find,
    async read() {
      const text = await readTextFile((await find()).file);
      return text === undefined ? undefined : format.parse(text);
    },
    async write(record) {
      const location = await find();
      await makeFolder(location.folder);
      await replace(location, record);
    },
    async acquire(onTakeover) {
      // The lock is of use only to those who can read what its holder writes.
      await key?.known();
      const location = await find();
      await makeFolder(location.folder);
      const write = (record: StoredRecord, means: ReplaceOptions) =>
        replace(location, record, means);
      return acquireFileLock(location, write, onTakeover);
    },
  };
}
