import { lstatSync, rmSync, rmdirSync, unlinkSync } from 'node:fs';
import { chmod, rm } from 'node:fs/promises';
import { v4 } from 'uuid';
import { temporaryFor, type ReplaceOptions } from '../atomic-file.js';
import { attempt, hasCode } from '../file-errors.js';
import { makeFolder, type TokenLocation } from '../location.js';
import type { StoreLease } from '../../store.js';
import { onProcessExit } from './exit-cleanup.js';
import { tryLockfile } from './lockfile.js';
import { isOwnerSync, isRecord, writeOwner, writerOf } from './owner.js';
import { currentProcess } from './process-identity.js';
import {
  judge,
  lookAtFolder,
  lookAtLock,
  removeAbandoned,
  removeLockFolder,
  type LockFolder,
} from './takeover.js';

/*
 * The refresh lock of a token file: a folder that its holder touches, and an owner record beside it.
 *
 * 1. A lock is judged before it is taken: its owner lives, is dead (same host, process gone), or is silent (the
 *    folder has not been touched for too long).
 * 2. The holder is who wrote the record, and no record is written over another. A process that was frozen
 *    between folder and record finds the record of the next holder, or no folder, and has no lock. One that
 *    dies there counts as silent.
 * 3. One process at a time, the maker of the guard folder, removes the lock of a dead or silent owner: the
 *    record first, and only if it is as it was judged. proper-lockfile's own stale takeover lets several in.
 * 4. A holder checks that the record is still its own before it replaces the token file and before it removes
 *    the lock, at exit too: it may have been frozen and have lost the lock.
 * 5. Times of birth are not used: some systems have none. Inode numbers, which are used again, count only for
 *    a holder that could not write its record.
 */

/** Writes a text by way of the holder's temporary file; returns whether it did, and not if `confirm` says no. */
export type WriteUnderLock = (text: string, options: Required<ReplaceOptions>) => Promise<boolean>;

/** Takes the lock if it is free or abandoned; undefined while somebody holds it. */
export async function acquireFileLock(
  location: TokenLocation,
  write: WriteUnderLock,
  onTakeover: (ownerState: 'dead' | 'silent') => void = () => undefined,
): Promise<StoreLease | undefined> {
  const found = await lookAtLock(location);
  const verdict = judge(found);
  if (verdict.ownerState === 'alive') return undefined;
  if (verdict.ownerState !== 'none') {
    if (!(await removeAbandoned(found, verdict, location))) return undefined;
    if (verdict.ownerState !== 'orphaned') onTakeover(verdict.ownerState);
  }
  const hold = await takeLock(location);
  return hold && leaseOf(hold, location, write);
}

/** A lock that was taken. */
interface Hold {
  readonly folder: LockFolder;
  readonly writer: string;
  /** Whether the owner record could be written. */
  readonly isRecorded: boolean;
  stopTouching(): Promise<void>;
}

async function takeLock(location: TokenLocation): Promise<Hold | undefined> {
  await makeFolder(location.folder);
  const stopTouching = await tryLockfile(location.lock);
  if (!stopTouching) return undefined;
  try {
    await attempt(() => chmod(location.lock, 0o700));
    const folder = await lookAtFolder(location.lock);
    const writer = v4();
    const outcome = await writeOwner(location.owner, { ...currentProcess(), writer });
    // If this process was frozen before that, another may have removed the folder.
    if (folder && outcome !== 'taken' && (await lookAtFolder(location.lock))) {
      return { folder, writer, isRecorded: outcome === 'written', stopTouching };
    }
    if (outcome === 'written') await rm(location.owner, { force: true });
  } catch (error) {
    await stopTouching();
    await attempt(() => removeLockFolder(location.lock));
    throw error;
  }
  await stopTouching();
  return undefined;
}

function leaseOf(hold: Hold, location: TokenLocation, write: WriteUnderLock): StoreLease {
  const { writer, isRecorded } = hold;
  const temporary = temporaryFor(location.file, writer);

  const forgetOnExit = onProcessExit(() => {
    rmSync(temporary, { force: true });
    if (isRecorded) {
      if (!isOwnerSync(location.owner, writer)) return;
      unlinkSync(location.owner);
    } else if (lstatSync(location.lock, { bigint: true }).ino !== hold.folder.inode) return;
    rmdirSync(location.lock);
  });

  /** Returns what proves that the lock is still ours: the record, or the folder where there is none. */
  async function proof(): Promise<'record' | 'folder' | undefined> {
    const { folder, owner } = await lookAtLock(location);
    if (!folder) return undefined;
    if (isRecord(owner)) return writerOf(owner) === writer ? 'record' : undefined;
    return folder.inode === hold.folder.inode ? 'folder' : undefined;
  }

  const isHeld = async (): Promise<boolean> =>
    (await proof()) === (isRecorded ? 'record' : 'folder');

  async function release(): Promise<void> {
    forgetOnExit();
    await hold.stopTouching();
    const shown = await proof();
    if (shown === 'record') await attempt(() => rm(location.owner, { force: true }));
    if (shown) await removeLockFolder(location.lock);
  }

  let releasing: Promise<void> | undefined;
  return {
    async write(text) {
      if (!(await isHeld())) return false;
      try {
        return await write(text, { confirm: isHeld, temporary });
      } catch (error) {
        // Whoever took the lock over removed the temporary file, so that this rename fails.
        if (hasCode(error, 'ENOENT')) return false;
        throw error;
      }
    },
    release: () => (releasing ??= release()),
  };
}
