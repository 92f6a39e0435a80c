import { lstat, mkdir, rm, rmdir } from 'node:fs/promises';
import { rmdirSync } from 'node:fs';
import { temporaryFor } from '../atomic-file.js';
import { unusable } from '../file-rules.js';
import { absent, hasCode, type TokenLocation } from '../location.js';
import { onProcessExit } from './exit-cleanup.js';
import { isRecord, readOwner, writerOf, type OwnerPlace } from './owner.js';
import { stateOf } from './process-identity.js';

/** How long the holder may show no life (it touches the lock every second), and a takeover may take. */
const silentAfterMs = 5_000;
/** The same for a process of this host that runs: on a busy machine it may just not have had its turn. */
const runningSilentAfterMs = 10_000;

/** The lock folder. Its number tells it from a later one only as long as it stays: numbers are used again. */
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
    const problem =
      'is not a lock of this package, and stays; remove it or choose another token file';
    throw unusable('ENOTDIR', path, problem);
  }
  return { inode: found.ino, touchedAt: Number(found.ctimeMs) };
}

/** What is known of a lock; `silentAfterMs` is how long its owner may show no life. */
export type Verdict =
  | { readonly ownerState: 'none' | 'orphaned' | 'alive' | 'dead' }
  | { readonly ownerState: 'silent'; readonly silentAfterMs: number };

/** Judges a lock; `orphaned` is a record whose lock folder somebody has removed. */
export function judge({ folder, owner }: LockScene): Verdict {
  if (!folder) return { ownerState: isRecord(owner) ? 'orphaned' : 'none' };
  const state = typeof owner === 'object' ? stateOf(owner) : 'unknown';
  if (state === 'dead') return { ownerState: 'dead' };
  const patienceMs = state === 'running' ? runningSilentAfterMs : silentAfterMs;
  // A process whose own clock is wrong sees silence where there is none; the takeover makes sure of it.
  const looksSilent = Math.abs(Date.now() - folder.touchedAt) > patienceMs;
  return looksSilent
    ? { ownerState: 'silent', silentAfterMs: patienceMs }
    : { ownerState: 'alive' };
}

/** Removes a lock if it is still as it was judged, which one process at a time does; returns whether it did. */
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
    if (
      verdict.ownerState === 'silent' &&
      folder &&
      now - folder.touchedAt <= verdict.silentAfterMs
    )
      return false;
    // In this order: a late holder that still found its record has made its temporary file by then, and
    // its rename fails.
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

/** Makes the guard folder; one that was left behind is removed, for the next look to make it anew. */
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
