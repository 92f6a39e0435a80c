/*
 * Locks that are held when the process exits are removed by one `exit` listener, which is there only
 * while a lock is held. It is shared by all managers of the process: one listener each would make Node
 * warn of a leak when eleven refresh at once.
 */
const cleanups = new Set<() => void>();

/** Runs a synchronous cleanup when the process exits, until the returned function is called. */
export function onProcessExit(cleanup: () => void): () => void {
  if (cleanups.size === 0) process.on('exit', runCleanups);
  cleanups.add(cleanup);
  return () => {
    cleanups.delete(cleanup);
    if (cleanups.size === 0) process.off('exit', runCleanups);
  };
}

function runCleanups(): void {
  for (const cleanup of cleanups) {
    try {
      cleanup();
    } catch {
      // Whoever comes next finds the owner dead and takes the lock over.
    }
  }
}
