import { mkdir, rmdir, stat, utimes } from 'node:fs';
import { createRequire } from 'node:module';
import { v4 } from 'uuid';
import { hasCode } from '../location.js';

type Lock = (typeof import('proper-lockfile'))['lock'];

/**
 * Takes a proper-lockfile lock that is never stale by its own clock: its stale takeover lets several
 * processes in. Returns what stops the touching, and never removes the folder: it may be another's by then.
 * Undefined while somebody else holds it.
 */
export async function tryLockfile(lockPath: string): Promise<(() => Promise<void>) | undefined> {
  const lock = await loadLockfile();
  const files = { mkdir, rmdir, stat, utimes };
  try {
    // A name of its own, for two managers of one process may hold it one after the other.
    const unlock = await lock(`${lockPath}-${v4()}`, {
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

let loading: Promise<Lock> | undefined;

/** Loads proper-lockfile, once, so that a lock taken after it is taken at once. */
export function loadLockfile(): Promise<Lock> {
  loading ??= importLock().catch((error: unknown) => {
    // What failed for want of descriptors is tried anew.
    loading = undefined;
    throw error;
  });
  return loading;
}

/**
 * Importing proper-lockfile puts handlers on every signal and patches `process.emit` and `reallyExit`, by
 * signal-exit 3. They are taken out again, unless somebody else in the process uses signal-exit too.
 * graceful-fs patches `process.cwd` and `chdir`, which are put back, and `fs.close` and `closeSync`, which are
 * not: other copies of graceful-fs count on them.
 */
async function importLock(): Promise<Lock> {
  const usersBefore = signalExitUsers();
  const { cwd, chdir } = process;
  const hasOwnEmit = Object.hasOwn(process, 'emit');
  const { default: module } = await import('proper-lockfile');
  Object.assign(process, { cwd, chdir });
  if (usersBefore === 0 && signalExitUsers() === 1) {
    const requireHere = createRequire(import.meta.url);
    const requireThere = createRequire(requireHere.resolve('proper-lockfile'));
    (requireThere('signal-exit') as SignalExit).unload();
    // It has put the inherited one there as an own one.
    if (!hasOwnEmit) Reflect.deleteProperty(process, 'emit');
  }
  return module.lock;
}

interface SignalExit {
  unload(): void;
}

function signalExitUsers(): number {
  const emitter = (process as { __signal_exit_emitter__?: NodeJS.EventEmitter })
    .__signal_exit_emitter__;
  return emitter ? emitter.listenerCount('exit') + emitter.listenerCount('afterexit') : 0;
}
