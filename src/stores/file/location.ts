import type { Stats } from 'node:fs';
import { chmod, lstat, mkdir, readlink, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, parse, sep } from 'node:path';
import { absent, attempt, hasCode, notRegular, unusable } from './file-errors.js';

/** Where a token file and the files beside it are, with every link resolved. */
export interface TokenLocation {
  readonly folder: string;
  readonly file: string;
  /** The lock folder of proper-lockfile. */
  readonly lock: string;
  /** Who holds the lock. */
  readonly owner: string;
}

/** A path without links, and what is there. */
interface FoundFile {
  readonly file: string;
  readonly found: Stats | undefined;
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
  return { folder: dirname(file), file, lock: `${file}.lock`, owner: `${file}.lock-owner` };
}

/** Resolves the links of a path, those in the middle too, as far as it exists. */
async function followLinks(path: string): Promise<FoundFile> {
  const folder = dirname(path);
  // Mostly no folder above is a link: one call finds that out.
  const isPlain = (await realpath(folder).catch(absent)) === folder;
  let real = isPlain ? folder : parse(path).root;
  let ahead = isPlain ? [basename(path)] : partsOf(path);
  let links = 0;
  let found: Stats | undefined;
  for (let part = ahead.shift(); part !== undefined; part = ahead.shift()) {
    const next = join(real, part);
    found = await lstat(next).catch(absent);
    if (!found) return { file: join(next, ...ahead), found };
    if (!found.isSymbolicLink()) {
      real = next;
      continue;
    }
    if (links++ === longestLinkChain) throw unusable('ELOOP', path, 'is a loop of symbolic links');
    await checkOwner(next, found.uid);
    const target = await readlink(next);
    real = parse(target).root || real;
    ahead = [...partsOf(target), ...ahead];
  }
  return { file: real, found };
}

function partsOf(path: string): string[] {
  // Windows takes a slash for its own separator as well.
  const separators = new RegExp(`[/\\${sep}]`);
  return path.slice(parse(path).root.length).split(separators).filter(Boolean);
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
