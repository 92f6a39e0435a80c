import { resolve } from 'node:path';
import { checkPath, knownNames } from '../../base/checks.js';
import { keySource, type EncryptionKey, type KeySource } from '../sealed/key.js';
import type { FileSession } from './session.js';
import { watchFile } from './watch.js';
import type { TokenStore } from '../store.js';

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
export function fileStore(options: FileStoreOptions): TokenStore {
  knownNames(options, ['path', 'encryptionKey']);
  const { path, encryptionKey } = options;
  const key = encryptionKey === undefined ? undefined : keySource(encryptionKey);
  return tokenFileStore(checkPath('path', path), key);
}

/**
 * Creates the file store, without a path at the default place, which depends on the identity. What touches
 * the disk is loaded when it is first touched.
 */
export function tokenFileStore(path: string | undefined, key: KeySource | undefined): TokenStore {
  const absolute = path === undefined ? undefined : resolve(path);
  return {
    open(identity) {
      let opening: Promise<FileSession> | undefined;

      async function open(): Promise<FileSession> {
        const { openFileSession } = await import('./session.js');
        return openFileSession(absolute, key, identity);
      }
      const session = () => (opening ??= open());

      return {
        read: async () => (await session()).read(),
        write: async (record) => (await session()).write(record),
        acquire: async (onTakeover) => (await session()).acquire(onTakeover),
        watch: () => watchFile(session().then(({ find }) => find())),
      };
    },
  };
}
