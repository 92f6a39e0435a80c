import { resolve } from 'node:path';
import { checkPath } from '../options.js';
import { replaceFile, readJsonFile } from './atomic-file.js';
import { defaultTokenFile } from './default-path.js';
import { acquireFileLock } from './file-lock.js';
import { watchFile } from './file-watch.js';
import type { StoreIdentity, StoredRecord } from './record.js';
import type { TokenStore } from './store.js';
import { locate, makeFolder } from './token-location.js';

/** Options of {@link fileStore}. */
export interface FileStoreOptions {
  /** The token file; relative paths count from the working directory of now. */
  readonly path: string;
}

/**
 * Creates the store that all processes of one user on one machine share: a JSON file, mode 0600, with a
 * lock folder beside it. Missing folders are made with mode 0700.
 * @throws TypeError or RangeError when `path` is no usable path.
 */
export function fileStore({ path }: FileStoreOptions): TokenStore {
  const absolute = resolve(checkPath('path', path));
  return storeAt(() => absolute);
}

/** Creates the file store at the default place, which depends on the identity. */
export function defaultFileStore(): TokenStore {
  return storeAt(defaultTokenFile);
}

function storeAt(pathOf: (identity: StoreIdentity) => string): TokenStore {
  return {
    open(identity) {
      const find = async () => locate(pathOf(identity));
      const serialize = (record: StoredRecord): string => `${JSON.stringify(record)}\n`;

      return {
        read: async () => readJsonFile((await find()).file),
        async write(record) {
          const location = await find();
          await makeFolder(location.folder);
          await replaceFile(location.file, serialize(record));
        },
        async acquire(onTakeover) {
          const location = await find();
          await makeFolder(location.folder);
          return acquireFileLock(location, serialize, onTakeover);
        },
        watch: () => watchFile(find()),
      };
    },
  };
}
