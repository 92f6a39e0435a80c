import { resolve } from 'node:path';
import { checkPath } from '../option-checks.js';
import { readTextFile, replaceFile, type ReplaceOptions } from './atomic-file.js';
import { defaultTokenFile } from './default-path.js';
import { keySource, type EncryptionKey, type KeySource } from './encryption-key.js';
import { plainFormat, sealedFormat } from './file-format.js';
import { acquireFileLock } from './file-lock.js';
import { watchFile } from './file-watch.js';
import type { StoredRecord } from './record.js';
import type { TokenStore } from './store.js';
import { locate, makeFolder, type TokenLocation } from './token-location.js';

/** Options of {@link fileStore}. */
export interface FileStoreOptions {
  /** The token file; relative paths count from the working directory of now. */
  readonly path: string;
  /**
   * Encrypts the file with AES-256-GCM, bound to environment, base URL and app key. A file that is plain,
   * changed, or encrypted with another key counts as none and is replaced at the next refresh.
   * @default undefined: the file is plain
   */
  readonly encryptionKey?: EncryptionKey | undefined;
}

/**
 * Creates the store that all processes of one user on one machine share: a file, mode 0600, with a lock
 * folder beside it. Missing folders are made with mode 0700.
 * @throws TypeError or RangeError when `path` is no usable path or `encryptionKey` no usable key.
 */
export function fileStore({ path, encryptionKey }: FileStoreOptions): TokenStore {
  const key = encryptionKey === undefined ? undefined : keySource(encryptionKey);
  return tokenFileStore(checkPath('path', path), key);
}

/** Creates the file store, without a path at the default place, which depends on the identity. */
export function tokenFileStore(path: string | undefined, key: KeySource | undefined): TokenStore {
  const absolute = path === undefined ? undefined : resolve(path);
  return {
    open(identity) {
      const format = key ? sealedFormat(key, identity) : plainFormat;
      const find = async () => locate(absolute ?? defaultTokenFile(identity));

      async function replace(
        location: TokenLocation,
        record: StoredRecord,
        options?: ReplaceOptions,
      ): Promise<boolean> {
        const replaced = await replaceFile(location.file, await format.serialize(record), options);
        if (replaced) await format.cleanUp(location);
        return replaced;
      }

      return {
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
          await format.ready();
          const location = await find();
          await makeFolder(location.folder);
          const write = (record: StoredRecord, means: ReplaceOptions) =>
            replace(location, record, means);
          return acquireFileLock(location, write, onTakeover);
        },
        watch: () => watchFile(find()),
      };
    },
  };
}
