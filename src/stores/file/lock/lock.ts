import { lstatSync, rmSync, rmdirSync, unlinkSync } from 'node:fs';
import { chmod, rm } from 'node:fs/promises';
import { v4 } from 'uuid';
import { temporaryFor, type ReplaceOptions } from '../atomic-file.js';
import { attempt } from '../file-rules.js';
import { hasCode, type TokenLocation } from '../location.js';
import type { StoredRecord } from '../../record.js';
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
 * 1. A lock that is there is judged before one is taken: its owner lives, is dead (same host, process gone),
 *    or has been silent (lock folder not touched) for longer than it may.
 * 2. The holder is who wrote the record, and the record is never written over another: of two that made the
 *    folder one after the other, because the first was frozen before it wrote, one holds the lock. Between
 *    folder and record there is nothing to know a dead owner by: it counts as silent in the end.
 * 3. A dead or silent owner's lock is removed by one process, who made the guard folder, and only if it is
 *    still as it was judged, the record first. proper-lockfile's own stale takeover lets several in.
 *    The others go on waiting.
 * 4. Whoever holds the lock makes sure that the record is still its own before it replaces the token file
 *    and before it removes the lock, at exit too: it may have been frozen in between and lost it.
 * 5. The file system's times of birth and inode numbers are not asked, save for the holder whose record could
 *    not be written: numbers are used again, and some systems have no times of birth.
 */

/** Writes a record by means that are the lock holder's own; returns whether it did, and not if `confirm` says no. */
export type WriteUnderLock = (
  record: StoredRecord,
  means: Required<ReplaceOptions>,
) => Promise<boolean>;

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
  const stopTouching = await tryLockfile(location.lock);
  if (!stopTouching) return undefined;
  try {
    await attempt(() => chmod(location.lock, 0o700));
    const folder = await lookAtFolder(location.lock);
    const writer = v4();
    const outcome = await writeOwner(location.owner, { ...currentProcess(), writer });
    // Frozen before that, it may have been taken for silent, and its folder removed.
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

  /** Returns what shows that the lock is still ours; `folder` where no record says whose it is. */
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
    async write(record) {
      if (!(await isHeld())) return false;
      try {
        return await write(record, { confirm: isHeld, temporary });
      } catch (error) {
        // A taker-over removes the temporary file, so that this late rename fails.
        if (hasCode(error, 'ENOENT')) return false;
        throw error;
      }
    },
    release: () => (releasing ??= release()),
  };
}
