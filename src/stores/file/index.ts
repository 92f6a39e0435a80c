import { resolve } from 'node:path';
import { checkPath, knownNames } from '../../base/checks.js';
import { keySource, type EncryptionKey, type KeySource } from '../sealed/key.js';
import { isBelowHome } from './default-path.js';
import { openFileSession } from './session.js';
import { watchFile } from './watch.js';
import type { TokenStore } from '../store.js';

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
  return {
    open(identity) {
      const { find, ...session } = openFileSession(fixed, key, identity);
      return { ...session, watch: () => watchFile(find()) };
    },
  };
}
