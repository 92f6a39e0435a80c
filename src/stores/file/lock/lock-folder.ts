import { absent, attempt, hasCode, unusable } from '../file-errors.js';
import { lstat, open, readdir, rm, rmdir, unlink } from '../files.js';
import { parseHolder, type Holder } from './holder.js';

/** The lock folder as it is found. */
export interface LockSight {
  /** Whoever has an entry in it: its holder, or a few that are about to take it. */
  readonly holders: readonly Holder[];
  /** Temporary files of holders. */
  readonly temporaries: readonly string[];
  /** What else is in it, and not ours. */
  readonly others: readonly string[];
  /** Both times of the folder; one that changes shows that somebody touches it. A FAT has no change time. */
  readonly mtimeMs: number;
  readonly ctimeMs: number;
}

const temporaryEnding = '.tmp';

/** Path of a holder's temporary file: in the lock folder, where whoever takes the lock over finds it. */
export function temporaryIn(lock: string, name: string): string {
  return `${lock}/${name}${temporaryEnding}`;
}

/**
 * Looks at a lock folder; undefined where there is none.
 * @throws Error when something else is there, which is of another program and stays.
 */
export async function lookAtLock(lock: string): Promise<LockSight | undefined> {
  const found = await lstat(lock).catch(absent);
  if (!found) return undefined;
  if (!found.isDirectory()) {
    const advice = 'remove it or choose another token file';
    throw unusable('ENOTDIR', lock, `is not a lock of this package, and stays; ${advice}`);
  }
  const names = await readdir(lock).catch(absent);
  return names && { ...sorted(names), mtimeMs: found.mtimeMs, ctimeMs: found.ctimeMs };
}

/** Sorts the names in a lock folder. */
export function sorted(
  names: readonly string[],
): Pick<LockSight, 'holders' | 'temporaries' | 'others'> {
  const holders = names.map(parseHolder).filter((holder) => holder !== undefined);
  const temporaries = names.filter(
    (name) => name.endsWith(temporaryEnding) && parseHolder(name.slice(0, -temporaryEnding.length)),
  );
  const isOurs = (name: string): boolean =>
    temporaries.includes(name) || holders.some((holder) => holder.name === name);
  return { holders, temporaries, others: names.filter((name) => !isOurs(name)) };
}

/** Puts an entry into the folder; returns whether the folder is still there. */
export async function addEntry(lock: string, name: string): Promise<boolean> {
  const handle = await open(`${lock}/${name}`, 'wx', 0o600).catch(absent);
  await handle?.close();
  return handle !== undefined;
}

/** Removes an entry, and the folder if the entry was in it and nothing else is. */
export async function giveBack(lock: string, name: string): Promise<void> {
  await attempt(() => rm(temporaryIn(lock, name), { force: true }));
  try {
    await unlink(`${lock}/${name}`);
  } catch (error) {
    // Somebody took the lock over, or removed it.
    absent(error);
    return;
  }
  await removeEmptyFolder(lock);
}

/** Removes the folder, unless something has come into it: that is not ours, or takes the lock right now. */
export async function removeEmptyFolder(lock: string): Promise<void> {
  await rmdir(lock).catch((error: unknown) => {
    if (!hasCode(error, 'ENOENT', 'ENOTEMPTY', 'EEXIST')) throw error;
  });
}
