import { lstat, mkdir, readlink, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { notRegular, unusable } from './file-rules.js';

/** Where a token file and the files beside it are, with every link resolved. */
export interface TokenLocation {
  readonly folder: string;
  readonly file: string;
  /** The lock folder of proper-lockfile. */
  readonly lock: string;
  /** Who holds the lock. */
  readonly owner: string;
}

const longestLinkChain = 40;

/**
 * Finds the real place of a token file, which may not exist yet, behind links and dangling links.
 * @throws Error when something other than a regular file is there: it is neither read nor replaced.
 */
export async function locate(path: string): Promise<TokenLocation> {
  const file = await followLinks(path);
  const found = await stat(file).catch(absent);
  if (found && !found.isFile()) throw notRegular(path);
  return { folder: dirname(file), file, lock: `${file}.lock`, owner: `${file}.lock-owner` };
}

async function followLinks(path: string, links = 0): Promise<string> {
  const folder = await realpath(dirname(path)).catch(absent);
  if (folder === undefined) return path;
  const file = join(folder, basename(path));
  const found = await lstat(file).catch(absent);
  if (!found?.isSymbolicLink()) return file;
  if (links === longestLinkChain) throw unusable(path, 'is a loop of symbolic links');
  return followLinks(resolve(folder, await readlink(file)), links + 1);
}

/** Makes a folder and its parents, mode 0700, one by one: `recursive` never returns below /proc. */
export async function makeFolder(folder: string): Promise<void> {
  if (await stat(folder).catch(absent)) return;
  if (dirname(folder) !== folder) await makeFolder(dirname(folder));
  await mkdir(folder, { mode: 0o700 }).catch((error: unknown) => {
    if (!hasCode(error, 'EEXIST')) throw error;
  });
}

/** Turns ENOENT into undefined and throws everything else. */
export function absent(error: unknown): undefined {
  if (!hasCode(error, 'ENOENT')) throw error;
}

/** Tells whether a file system error has one of these codes. */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return codes.includes((error as { readonly code: string }).code);
}
