import lockfile from 'proper-lockfile';
import { v4 } from 'uuid';
import { attempt, hasCode } from '../file-errors.js';
import { lstat, utimes } from '../files.js';

/** Ends the touching, and leaves the lock as it is. */
export type StopTouching = () => Promise<void>;

/**
 * Has proper-lockfile take a lock and touch it every second from then on; undefined where `take` says that
 * somebody else has it. Of its own, proper-lockfile lets several processes take over a stale lock, and knows a lock
 * by the time of its last touch: here it never finds one stale, and knows it by its entry.
 */
export async function holdLockfile(
  lock: string,
  entry: string,
  take: () => Promise<boolean>,
): Promise<StopTouching | undefined> {
  let touchedAt: Date;
  let touching: Promise<unknown> = Promise.resolve();
  let isEnded = false;
  const taken = async (): Promise<void> => {
    if (!(await take()))
      throw Object.assign(new Error('somebody else has it'), { code: 'ELOCKED' });
  };
  const files = {
    mkdir: (_: string, done: Done) => void taken().then(() => done(null), done),
    // Without an answer after the end: proper-lockfile would throw at a failure, and touch the next one's lock.
    stat: (_: string, done: Done) =>
      void lstat(entry).then(
        () => isEnded || done(null, { mtime: touchedAt }),
        (error: unknown) => isEnded || done(error as Error),
      ),
    utimes(path: string, atime: Date, mtime: Date, done: Done) {
      touchedAt = mtime;
      touching = utimes(path, atime, mtime).then(() => done(null), done);
    },
    rmdir: (_: string, done: Done) => done(null),
  };
  try {
    // A name for each: two managers of one process may hold the lock one after the other.
    const unlock = await lockfile.lock(`${lock}-${v4()}`, {
      lockfilePath: lock,
      realpath: false,
      stale: 1e10,
      update: 1_000,
      fs: files,
      // The default throws and ends the host program; the holder itself checks that it has the lock.
      onCompromised: () => undefined,
    });
    return async () => {
      isEnded = true;
      // It rejects where it has ended already, since the entry is gone.
      await attempt(unlock);
      await touching;
    };
  } catch (error) {
    // ENOENT: somebody removed the lock meanwhile. Either way it is somebody else's turn.
    if (hasCode(error, 'ELOCKED', 'ENOENT')) return undefined;
    throw error;
  }
}

type Done = (error: Error | null, result?: { readonly mtime: Date }) => void;
