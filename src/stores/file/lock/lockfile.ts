import { mkdir, rmdir, stat, utimes } from 'node:fs';
import lockfile from 'proper-lockfile';
import { v4 } from 'uuid';
import { hasCode } from '../file-errors.js';

/**
 * Takes a proper-lockfile lock whose stale time never comes: its stale takeover lets several processes in.
 * Returns a function that ends the touching but leaves the folder, which may be another's by then; undefined
 * while somebody else holds the lock.
 */
export async function tryLockfile(lockPath: string): Promise<(() => Promise<void>) | undefined> {
  const files = { mkdir, rmdir, stat, utimes };
  try {
    // A name for each: two managers of one process may hold the lock one after the other.
    const unlock = await lockfile.lock(`${lockPath}-${v4()}`, {
      lockfilePath: lockPath,
      realpath: false,
      stale: 1e10,
      update: 1_000,
      fs: files,
      // The default throws and ends the host program; the holder itself checks that it has the lock.
      onCompromised: () => undefined,
    });
    const leave = (_: unknown, done: () => void): void => done();
    // proper-lockfile has ended it already, and rejects, where others touched or removed the lock.
    return async () => {
      Object.assign(files, { rmdir: leave });
      await unlock().catch(() => undefined);
    };
  } catch (error) {
    // ENOENT: somebody released the lock meanwhile. Either way it is somebody else's turn.
    if (hasCode(error, 'ELOCKED', 'ENOENT')) return undefined;
    throw error;
  }
}
