import { mkdir, rmdir, stat, utimes } from 'node:fs';
import lockfile from 'proper-lockfile';
import { v4 } from 'uuid';
import { hasCode } from '../location.js';

/**
 * Takes a proper-lockfile lock that is never stale by its own clock: its stale takeover lets several
 * processes in. Returns what stops the touching, and never removes the folder: it may be another's by then.
 * Undefined while somebody else holds it.
 */
export async function tryLockfile(lockPath: string): Promise<(() => Promise<void>) | undefined> {
  const files = { mkdir, rmdir, stat, utimes };
  try {
    // A name of its own, for two managers of one process may hold it one after the other.
    const unlock = await lockfile.lock(`${lockPath}-${v4()}`, {
      lockfilePath: lockPath,
      realpath: false,
      stale: 1e10,
      update: 1_000,
      fs: files,
      // The default throws and ends the host program; whoever holds the lock checks it before it counts.
      onCompromised: () => undefined,
    });
    const leave = (_: unknown, done: () => void): void => done();
    // It has stopped by itself where it found the lock touched by others, or gone.
    return async () => {
      Object.assign(files, { rmdir: leave });
      await unlock().catch(() => undefined);
    };
  } catch (error) {
    // ENOENT: the lock vanished between a look and the next; either way it was somebody else's turn.
    if (hasCode(error, 'ELOCKED', 'ENOENT')) return undefined;
    throw error;
  }
}
