import { lstatSync, rmSync, rmdirSync, type BigIntStats } from 'node:fs';
import { lstat, mkdir, rm, rmdir, writeFile } from 'node:fs/promises';
import { v4, validate as isGuid } from 'uuid';
import { readTextFile, temporaryFor, type ReplaceOptions } from '../atomic-file.js';
import { onProcessExit } from './exit-cleanup.js';
import { currentProcess, stateOf, type ProcessIdentity } from './process-identity.js';
import { tryLockfile } from './lockfile.js';
import type { StoredRecord } from '../../record.js';
import type { StoreLease } from '../../store.js';
import { absent, hasCode, type TokenLocation } from '../location.js';

/*
 * The refresh lock of a token file.
 *
 * 1. A lock that is there is judged before proper-lockfile is even loaded: its owner lives, is dead (same
 *    host, process gone), or has been silent (lock folder not touched) for longer than it may.
 * 2. A dead or silent owner's lock is removed by one process, who made the guard folder, and only if it is
 *    still the very folder that was judged. proper-lockfile's own stale takeover lets several in. The others
 *    go on waiting: many that load proper-lockfile at the moment of a death would delay each other.
 * 3. Whoever holds the lock makes sure that the folder is still its own before it replaces the token file
 *    and before it removes the lock, at exit too: it may have been frozen in between and lost it.
 */

/** How long the holder may show no life (it touches the lock every second), and a takeover may take. */
const silentAfterMs = 5_000;
/** The same for a process of this host that runs: on a busy machine it may just not have had its turn. */
const runningSilentAfterMs = 10_000;

/** Removes whatever is there, if anything is: something else may stand in the place of a file of ours. */
const whatever = { recursive: true, force: true };

/** One particular lock folder; a later one at the same path has another id. */
interface LockFolder {
  readonly id: string;
  /** Epoch ms by the file system's clock: no process can set it. */
  readonly touchedAt: number;
  readonly isDirectory: boolean;
}

interface LockOwner extends ProcessIdentity {
  readonly lockId: string;
  /** Names this owner's temporary file. */
  readonly writer: string;
}

/** Writes a record by means that are the lock holder's own; tells whether it did, and not if `confirm` says no. */
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
  const found = await inspect(location.lock);
  const verdict = found && (await judge(found, location));
  if (verdict?.ownerState === 'alive') return undefined;
  if (verdict) {
    if (!(await removeAbandoned(found, verdict, location))) return undefined;
    onTakeover(verdict.ownerState);
  }

  const unlock = await tryLockfile(location.lock);
  const own = unlock && (await inspect(location.lock));
  if (!own) return undefined;

  const owner: LockOwner = { ...currentProcess(), lockId: own.id, writer: v4() };
  const temporary = temporaryFor(location.file, owner.writer);
  const isHeld = async (): Promise<boolean> => (await inspect(location.lock))?.id === own.id;
  const forgetOnExit = onProcessExit(() => {
    rmSync(temporary, { force: true });
    if (idOf(lstatSync(location.lock, { bigint: true })) !== own.id) return;
    rmSync(location.owner, whatever);
    rmdirSync(location.lock);
  });
  // Without its record the lock still works: a dead owner then counts as silent after the stale time.
  await writeOwner(location.owner, owner).catch(() => undefined);

  let releasing: Promise<void> | undefined;
  const release = async (): Promise<void> => {
    forgetOnExit();
    // Unlocked even where it cannot be looked at: proper-lockfile would keep it alive for good.
    if (!(await isHeld().catch(() => true))) return;
    await rm(location.owner, whatever).catch(() => undefined);
    await unlock().catch(async (error: unknown) => {
      if (!hasCode(error, 'ERELEASED')) throw error;
      // Somebody touched the folder: proper-lockfile has given it up without removing it.
      await rmdir(location.lock);
    });
  };

  return {
    async write(record) {
      if (!(await isHeld())) return false;
      try {
        return await write(record, { confirm: isHeld, temporary });
      } catch (error) {
        // A taker-over removes the temporary file first, so that this late rename fails.
        if (hasCode(error, 'ENOENT')) return false;
        throw error;
      }
    },
    release: () => (releasing ??= release()),
  };
}

async function inspect(lock: string): Promise<LockFolder | undefined> {
  const found = await lstat(lock, { bigint: true }).catch(absent);
  return (
    found && {
      id: idOf(found),
      touchedAt: Number(found.ctimeMs),
      isDirectory: found.isDirectory(),
    }
  );
}

function idOf({ ino, birthtimeNs }: BigIntStats): string {
  return `${ino}:${birthtimeNs}`;
}

/** What is known of a lock's owner; `silentAfterMs` is how long it may show no life. */
type Verdict =
  | { readonly ownerState: 'alive' | 'dead' }
  | { readonly ownerState: 'silent'; readonly silentAfterMs: number };

async function judge(lock: LockFolder, location: TokenLocation): Promise<Verdict> {
  const owner = await readOwner(location.owner);
  const state = owner?.lockId === lock.id ? stateOf(owner) : 'unknown';
  if (state === 'dead') return { ownerState: 'dead' };
  const patienceMs = state === 'running' ? runningSilentAfterMs : silentAfterMs;
  // A process whose own clock is wrong sees silence where there is none; the takeover makes sure of it.
  const looksSilent = Math.abs(Date.now() - lock.touchedAt) > patienceMs;
  return looksSilent
    ? { ownerState: 'silent', silentAfterMs: patienceMs }
    : { ownerState: 'alive' };
}

/** Writes the record of a lock's owner, in place of what is there: a link, or a FIFO that would block. */
async function writeOwner(path: string, owner: LockOwner): Promise<void> {
  await rm(path, whatever);
  await writeFile(path, JSON.stringify(owner), { mode: 0o600, flag: 'wx' });
}

async function readOwner(path: string): Promise<LockOwner | undefined> {
  try {
    const owner = JSON.parse((await readTextFile(path)) ?? '') as LockOwner;
    return owner.pid > 0 && isGuid(owner.writer) ? owner : undefined;
  } catch {
    return undefined;
  }
}

async function removeAbandoned(
  judged: LockFolder,
  verdict: Verdict,
  location: TokenLocation,
): Promise<boolean> {
  const guard = `${location.lock}-takeover`;
  if (!(await makeGuard(guard))) return false;
  const forgetOnExit = onProcessExit(() => rmdirSync(guard));
  try {
    const lock = await inspect(location.lock);
    if (lock?.id !== judged.id) return false;
    // The guard folder was made just now, by the clock that also dates the lock.
    const now = (await inspect(guard))?.touchedAt ?? 0;
    if (verdict.ownerState === 'silent' && now - lock.touchedAt <= verdict.silentAfterMs)
      return false;
    const owner = await readOwner(location.owner);
    if (owner) await rm(temporaryFor(location.file, owner.writer), { force: true });
    await rm(location.owner, whatever);
    await (lock.isDirectory ? rmdir(location.lock) : rm(location.lock));
    return true;
  } finally {
    forgetOnExit();
    await rmdir(guard).catch(absent);
  }
}

/** Makes the guard folder; one that was left behind is removed, for the next look to make it anew. */
async function makeGuard(guard: string): Promise<boolean> {
  try {
    await mkdir(guard);
    return true;
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  }
  const found = await inspect(guard);
  if (found && Math.abs(Date.now() - found.touchedAt) > silentAfterMs) await rm(guard, whatever);
  return false;
}
