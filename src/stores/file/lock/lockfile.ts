import lockfile from 'proper-lockfile';
import { hasCode } from '../location.js';

/**
 * Takes a proper-lockfile lock that is never stale by its own clock: its stale takeover lets several
 * processes in. Undefined while somebody else holds it.
 */
export async function tryLockfile(lockPath: string): Promise<(() => Promise<void>) | undefined> {
  try {
    return await lockfile.lock(lockPath, {
      lockfilePath: lockPath,
      realpath: false,
      stale: 1e10,
      update: 1_000,
      // The default throws and ends the host program; whoever holds the lock checks it before it counts.
      onCompromised: () => undefined,
    });
  } catch (error) {
    // ENOENT: the lock vanished between a look and the next; either way it was somebody else's turn.
    if (hasCode(error, 'ELOCKED', 'ENOENT')) return undefined;
    throw error;
  }
}
