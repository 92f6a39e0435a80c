import { resolve } from 'node:path';
import { checkPath, knownNames } from '../../base/checks.js';
import type { StoreIdentity, StoreSession, TokenStore } from '../store.js';
import { readTextFile, replaceFile } from './atomic-file.js';
import { defaultTokenFile, expandHome, isBelowHome } from './default-path.js';
import { locate, makeFolder, type TokenLocation } from './location.js';
import { createFileLock, type WriteUnderLock } from './lock/lock.js';

/** Options of {@link fileStore}. */
export interface FileStoreOptions {
  /** The token file; relative paths count from the working directory of now, a leading `~/` is the home folder. */
  readonly path: string;
}

/**
 * Creates the store that all processes of one user on one machine share: a file, mode 0600, with a lock
 * folder beside it. Missing folders are made with mode 0700.
 * @throws TypeError or RangeError when `path` is no usable path.
 */
export function fileStore(options: FileStoreOptions): TokenStore {
  const given: unknown = options;
  if (typeof given !== 'object' || given === null) {
    throw new TypeError('fileStore must be given { path }: the path of the token file');
  }
  knownNames(options, ['path']);
  return tokenFileStore(checkPath('path', options.path));
}

/** Creates the file store, without a path at the default place, which depends on the identity. */
export function tokenFileStore(path: string | undefined): TokenStore {
  const fixed = path === undefined || isBelowHome(path) ? path : resolve(path);
  return { open: (identity) => openSession(fixed, identity), isOfOneText: fixed !== undefined };
}

function openSession(path: string | undefined, identity: StoreIdentity): StoreSession {
  const acquireFileLock = createFileLock();
  const find = async (): Promise<TokenLocation> =>
    locate(path === undefined ? defaultTokenFile(identity) : expandHome(path));

  return {
    read: async () => readTextFile((await find()).file),
    async write(text) {
      const location = await find();
      await makeFolder(location.folder);
      await replaceFile(location.file, text);
    },
    async acquire(onTakeover) {
      const location = await find();
      const write: WriteUnderLock = (text, options) => replaceFile(location.file, text, options);
      return acquireFileLock(location, write, onTakeover);
    },
  };
}
