import { rmdirSync, rmSync, unlinkSync } from 'node:fs';
import type { StoreLease } from '../../store.js';
import type { ReplaceOptions } from '../atomic-file.js';
import { absent, attempt, hasCode, unusable } from '../file-errors.js';
import { chmod, lstat, mkdir, readdir, rename, rm } from '../files.js';
import { makeFolder, type TokenLocation } from '../location.js';
import { onProcessExit } from './exit-cleanup.js';
import { newHolderName, type Holder } from './holder.js';
import {
  addEntry,
  giveBack,
  lookAtLock,
  removeEmptyFolder,
  sorted,
  temporaryIn,
  type LockSight,
} from './lock-folder.js';
import { holdLockfile, type StopTouching } from './lockfile.js';
import { stateOf } from './process-identity.js';
import { createSilenceMeter } from './silence.js';

/*
 * The refresh lock of a token file: a folder that its holder touches every second, and in it one entry, whose name
 * says all that is known of the holder.
 *
 * 1. Take: make the folder, add an entry, list the folder. Whoever finds another's entry takes its own back: of two
 *    that add at once, at least one sees the other.
 * 2. Judge, by the name: the process is dead, or the folder has shown no life for as long as this process, by its
 *    own running time, has looked at it. No two clocks are compared. A folder without an entry has no holder: its
 *    maker is about to add one, or died, or it is another program's lock, which is touched every 5 s.
 * 3. Take over: rename the old entry to one's own. One process wins, and only if the holder is still the one that
 *    was judged, since names are never used again. Then list, as in 1, and remove the temporary files of those who
 *    have no entry any more: a holder that was frozen right before its last rename finds nothing to rename.
 * 4. Write: make the temporary file, in the lock folder; look for one's entry; rename.
 * 5. Give back: remove one's entry and, if it was there, the folder.
 * 6. What is not ours stays.
 */

/** Time after which a holder that shows no life is taken over. */
const silentAfterMs = 5_000;
/** The same for a process of this host that runs, which a busy machine may have given no turn, and for a folder without an entry. */
const patientAfterMs = 10_000;

/** Writes a text by way of the holder's temporary file; returns whether it did, and not if `confirm` says no. */
export type WriteUnderLock = (text: string, options: Required<ReplaceOptions>) => Promise<boolean>;

/** Takes the lock if it is free or abandoned; undefined while somebody holds it. */
export type AcquireFileLock = (
  location: TokenLocation,
  write: WriteUnderLock,
  onTakeover?: (ownerState: 'dead' | 'silent') => void,
) => Promise<StoreLease | undefined>;

/** Creates what takes the lock for one session; it remembers what it saw of the holder, and since when. */
export function createFileLock(): AcquireFileLock {
  const silenceOf = createSilenceMeter();

  return async (location, write, onTakeover) => {
    const { lock } = location;
    const sight = await lookAtLock(lock);
    const verdict = judge(sight, lock, silenceOf(JSON.stringify(sight ?? '')));
    if (verdict.isHeld) return undefined;
    const name = newHolderName();
    const hold = await take(location, name, verdict.holder?.name, sight !== undefined);
    if (!hold) return undefined;
    if (verdict.ownerState) onTakeover?.(verdict.ownerState);
    return leaseOf(hold, name, location, write);
  };
}

/** What was found out about a lock. */
interface Verdict {
  readonly isHeld: boolean;
  /** Whose entry is taken over; undefined where there is none. */
  readonly holder?: Holder;
  readonly ownerState?: 'dead' | 'silent';
}

function judge(sight: LockSight | undefined, lock: string, silentMs: number): Verdict {
  if (!sight) return { isHeld: false };
  const { holders, others } = sight;
  for (const holder of holders) {
    const state = stateOf(holder);
    if (state === 'dead') return { isHeld: false, holder, ownerState: 'dead' };
    const patienceMs = state === 'running' ? patientAfterMs : silentAfterMs;
    if (silentMs > patienceMs) return { isHeld: false, holder, ownerState: 'silent' };
  }
  if (holders.length > 0) return { isHeld: true };
  if (others.length > 0) {
    throw unusable('ENOTEMPTY', lock, 'holds files of another program; move them elsewhere');
  }
  return silentMs > patientAfterMs ? { isHeld: false, ownerState: 'silent' } : { isHeld: true };
}

/** Takes the lock, unless somebody was faster; `before` is the entry that is taken over. */
async function take(
  { folder, lock }: TokenLocation,
  name: string,
  before: string | undefined,
  isThere: boolean,
): Promise<StopTouching | undefined> {
  const entry = `${lock}/${name}`;

  async function enter(): Promise<boolean> {
    if (before !== undefined) return isDone(rename(`${lock}/${before}`, entry));
    if (isThere) return addEntry(lock, name);
    if (!(await isDone(mkdir(lock, { mode: 0o700 })))) return false;
    // The umask has cut the mode.
    await attempt(() => chmod(lock, 0o700));
    try {
      return await addEntry(lock, name);
    } catch (error) {
      await attempt(() => removeEmptyFolder(lock));
      throw error;
    }
  }

  /** Returns whether nobody else has an entry; then nobody who had one can write any more. */
  async function isAlone(): Promise<boolean> {
    const { holders, temporaries, others } = sorted((await readdir(lock).catch(absent)) ?? []);
    if (holders.length !== 1 || holders[0]?.name !== name || others.length > 0) return false;
    for (const temporary of temporaries) await rm(`${lock}/${temporary}`, { force: true });
    return true;
  }

  if (!isThere) await makeFolder(folder);
  let isTaken = false;
  try {
    const stop = await holdLockfile(lock, entry, async () => (await enter()) && isAlone());
    isTaken = stop !== undefined;
    return stop;
  } finally {
    if (!isTaken) await giveBack(lock, name);
  }
}

/** Returns whether an operation was done, and not that another process was faster. */
async function isDone(operation: Promise<unknown>): Promise<boolean> {
  try {
    await operation;
    return true;
  } catch (error) {
    if (!hasCode(error, 'ENOENT', 'EEXIST')) throw error;
    return false;
  }
}

function leaseOf(
  stopTouching: StopTouching,
  name: string,
  { lock }: TokenLocation,
  write: WriteUnderLock,
): StoreLease {
  const entry = `${lock}/${name}`;
  const temporary = temporaryIn(lock, name);
  const isHeld = async (): Promise<boolean> => (await lstat(entry).catch(absent)) !== undefined;

  const forgetOnExit = onProcessExit(() => {
    rmSync(temporary, { force: true });
    unlinkSync(entry);
    rmdirSync(lock);
  });

  async function writeIfHeld(text: string): Promise<boolean> {
    try {
      return await write(text, { confirm: isHeld, temporary });
    } catch (error) {
      // Whoever took the lock over removed the temporary file, so that this rename fails.
      if (hasCode(error, 'ENOENT')) return false;
      throw error;
    }
  }

  async function release(): Promise<void> {
    forgetOnExit();
    await stopTouching();
    await giveBack(lock, name);
  }

  let releasing: Promise<void> | undefined;
  return {
    async write(text) {
      if (!(await isHeld())) return false;
      const isWritten = await writeIfHeld(text);
      // Its temporary file may have kept the next holder from removing the folder.
      if (!isWritten) await attempt(() => removeEmptyFolder(lock));
      return isWritten;
    },
    release: () => (releasing ??= release()),
  };
}
