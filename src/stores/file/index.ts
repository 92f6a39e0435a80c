import { resolve } from 'node:path';
import { checkPath, knownNames } from '../../base/checks.js';
import { keySource, type EncryptionKey, type KeySource } from '../../records/key.js';
import { recordFormat } from '../../records/format.js';
import type { StoredRecord } from '../../records/record.js';
import type { StoreIdentity } from '../store.js';
import type { StoreSession, TokenStore } from '../store.js';
import {
  readTextFile,
  removePlainTemporaries,
  replaceFile,
  type ReplaceOptions,
} from './atomic-file.js';
import { defaultTokenFile, expandHome, isBelowHome } from './default-path.js';
import { locate, makeFolder, type TokenLocation } from './location.js';
import { acquireFileLock } from './lock/lock.js';
import { watchFile } from './watch.js';

/** Options of {@link fileStore}. */
export interface FileStoreOptions {
  /** The token file; relative paths count from the working directory of now, a leading `~/` is the home folder. */
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
export function fileStore(options: FileStoreOptions): TokenStore {
  knownNames(options, ['path', 'encryptionKey']);
  const { path, encryptionKey } = options;
  const key = encryptionKey === undefined ? undefined : keySource(encryptionKey);
  return tokenFileStore(checkPath('path', path), key);
}

/** Creates the file store, without a path at the default place, which depends on the identity. */
export function tokenFileStore(path: string | undefined, key: KeySource | undefined): TokenStore {
  const fixed = path === undefined || isBelowHome(path) ? path : resolve(path);
  return { open: (identity) => openSession(fixed, key, identity) };
}

function openSession(
  path: string | undefined,
  key: KeySource | undefined,
  identity: StoreIdentity,
): StoreSession {
  const format = recordFormat('the token file', key, identity);
  const find = async (): Promise<TokenLocation> =>
    locate(path === undefined ? defaultTokenFile(identity) : expandHome(path));

  async function replace(
    location: TokenLocation,
    record: StoredRecord,
    options?: ReplaceOptions,
  ): Promise<boolean> {
    const isReplaced = await replaceFile(location.file, await format.serialize(record), options);
    if (isReplaced && key) await removePlainTemporaries(location);
    return isReplaced;
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
      await key?.known();
      const location = await find();
      return acquireFileLock(location, (...write) => replace(location, ...write), onTakeover);
    },
    watch: () => watchFile(find()),
  };
}
