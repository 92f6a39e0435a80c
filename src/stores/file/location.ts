import type { Stats } from 'node:fs';
import { readlink, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, parse, sep } from 'node:path';
import { absent, attempt, hasCode, notRegular, unusable } from './file-errors.js';
import { chmod, lstat, mkdir, realpath } from './files.js';

/** Where a token file and the files beside it are, with every link resolved. */
export interface TokenLocation {
  readonly folder: string;
  readonly file: string;
  /** The lock folder of proper-lockfile. */
  readonly lock: string;
}

const longestLinkChain = 40;
const rootUser = 0;

/**
 * Finds the real place of a token file, which may not exist yet, behind links and dangling links.
 * @throws Error when something other than a regular file is there: it is neither read nor replaced.
 */
export async function locate(path: string): Promise<TokenLocation> {
  const { file, found } = await followLinks(path);
  if (found && !found.isFile()) throw notRegular(path);
  return { folder: dirname(file), file, lock: `${file}.lock` };
}

/** What a path leads to, and what is there. */
interface Place {
  readonly file: string;
  readonly found: Stats | undefined;
}

/** Resolves the links of a path, those in the middle too, as far as it exists. */
async function followLinks(path: string, chain = 0): Promise<Place> {
  const above = dirname(path);
  if (above === path) return { file: path, found: await lstat(path) };
  // Mostly no folder above is a link: one call finds that out.
  const isPlain = (await realpath(above).catch(() => undefined)) === above;
  const folder = isPlain ? above : (await followLinks(above, chain)).file;
  const file = join(folder, basename(path));
  const found = await lstat(file).catch(absent);
  if (!found?.isSymbolicLink()) return { file, found };
  if (chain === longestLinkChain) throw unusable('ELOOP', path, 'is a loop of symbolic links');
  await checkOwner(file, found.uid);
  const target = await readlink(file);
  // Not joined, which would take a part before `..` away although it is a link.
  return followLinks(isAbsolute(target) ? target : `${folder}${sep}${target}`, chain + 1);
}

/** A link is followed if it is ours or the administrator's, who in a user namespace may have another id. */
async function checkOwner(link: string, owner: number): Promise<void> {
  const { uid: administrator } = await lstat(parse(link).root);
  // Windows tells 0 of every owner.
  if ([rootUser, administrator, process.geteuid?.()].includes(owner)) return;
  const problem = `is a symbolic link of another user (${owner}) and is not followed; remove it or choose another token file`;
  throw unusable('EPERM', link, problem);
}

/** Makes a folder and its parents, mode 0700, one by one: `recursive` never returns below /proc. */
export async function makeFolder(folder: string): Promise<void> {
  if (await stat(folder).catch(absent)) return;
  if (dirname(folder) !== folder) await makeFolder(dirname(folder));
  try {
    await mkdir(folder, { mode: 0o700 });
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
    return;
  }
  // The umask has cut the mode: with 0177 nothing could be made in the folder.
  await attempt(() => chmod(folder, 0o700));
}
