import { lstat, mkdir, rm, rmdir } from 'node:fs/promises';
import { rmdirSync } from 'node:fs';
import { temporaryFor } from '../atomic-file.js';
import { absent, hasCode, unusable } from '../file-errors.js';
import type { TokenLocation } from '../location.js';
import { onProcessExit } from './exit-cleanup.js';
import { isRecord, readOwner, writerOf, type OwnerPlace } from './owner.js';
import { stateOf } from './process-identity.js';

/** The time after which a holder (it touches the lock every second) or a takeover counts as silent. */
const silentAfterMs = 5_000;
/** The same for a process of this host that runs: a busy machine may have given it no turn. */
const runningSilentAfterMs = 10_000;

/** The lock folder. Its inode number tells it from another one only while it exists: numbers are used again. */
export interface LockFolder {
  readonly inode: bigint;
  /** Epoch ms by the file system's clock: no process can set it. */
  readonly touchedAt: number;
}

/** The lock folder and the owner record beside it, as they are found. */
export interface LockScene {
  readonly folder: LockFolder | undefined;
  readonly owner: OwnerPlace;
}

/** Looks at the lock. */
export async function lookAtLock({ lock, owner }: TokenLocation): Promise<LockScene> {
  return { folder: await lookAtFolder(lock), owner: await readOwner(owner) };
}

/**
 * Looks at a lock folder.
 * @throws Error when something else is there, which is of another program and stays.
 */
export async function lookAtFolder(path: string): Promise<LockFolder | undefined> {
  const found = await lstat(path, { bigint: true }).catch(absent);
  if (!found) return undefined;
  if (!found.isDirectory()) {
    const advice = 'remove it or choose another token file';
    throw unusable('ENOTDIR', path, `is not a lock of this package, and stays; ${advice}`);
  }
  return { inode: found.ino, touchedAt: Number(found.ctimeMs) };
}

/** What was found out about a lock. */
export interface Verdict {
  /** `orphaned` is a record whose lock folder somebody has removed. */
  readonly ownerState: 'none' | 'orphaned' | 'alive' | 'dead' | 'silent';
  /** How long the owner may show no life. */
  readonly patienceMs: number;
}

/** Judges a lock. */
export function judge({ folder, owner }: LockScene): Verdict {
  const state = typeof owner === 'object' ? stateOf(owner) : 'unknown';
  const patienceMs = state === 'running' ? runningSilentAfterMs : silentAfterMs;
  if (!folder) return { ownerState: isRecord(owner) ? 'orphaned' : 'none', patienceMs };
  if (state === 'dead') return { ownerState: 'dead', patienceMs };
  // A process whose own clock is wrong sees silence where there is none: the takeover measures it again.
  const isSilent = Math.abs(Date.now() - folder.touchedAt) > patienceMs;
  return { ownerState: isSilent ? 'silent' : 'alive', patienceMs };
}

/** Removes a lock if it is still as it was judged, one process at a time; returns whether it did. */
export async function removeAbandoned(
  judged: LockScene,
  verdict: Verdict,
  location: TokenLocation,
): Promise<boolean> {
  const guard = `${location.lock}-takeover`;
  if (!(await makeGuard(guard))) return false;
  const forgetOnExit = onProcessExit(() => rmdirSync(guard));
  try {
    const { folder, owner } = await lookAtLock(location);
    if (!folder !== !judged.folder || !isSameOwner(owner, judged.owner)) return false;
    // The guard folder was made just now, by the clock that also dates the lock.
    const now = (await lookAtFolder(guard))?.touchedAt ?? 0;
    const isTouched = folder && now - folder.touchedAt <= verdict.patienceMs;
    if (verdict.ownerState === 'silent' && isTouched) return false;
    // The record first: a late holder that still found it has made its temporary file, whose rename fails then.
    if (isRecord(owner)) await rm(location.owner, { force: true });
    const writer = writerOf(owner);
    if (writer) await rm(temporaryFor(location.file, writer), { force: true });
    await removeLockFolder(location.lock);
    return true;
  } finally {
    forgetOnExit();
    await rmdir(guard).catch(absent);
  }
}

/** Removes a lock folder, if it is there; one that holds files is not ours alone, and stays. */
export async function removeLockFolder(lock: string): Promise<void> {
  try {
    await rmdir(lock).catch(absent);
  } catch (error) {
    if (!hasCode(error, 'ENOTEMPTY', 'EEXIST')) throw error;
    throw unusable('ENOTEMPTY', lock, 'holds files of another program; move them elsewhere');
  }
}

function isSameOwner(one: OwnerPlace, other: OwnerPlace): boolean {
  return one === other || (isRecord(one) && writerOf(one) === writerOf(other));
}

/** Makes the guard folder; removes one that was left behind, for the next look to make it anew. */
async function makeGuard(guard: string): Promise<boolean> {
  try {
    await mkdir(guard);
    return true;
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  }
  const found = await lookAtFolder(guard);
  if (found && Math.abs(Date.now() - found.touchedAt) > silentAfterMs)
    await removeLockFolder(guard);
  return false;
}
