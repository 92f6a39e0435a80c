/*
 * One `exit` listener removes what is held when the process exits, and is there only meanwhile. One for each
 * manager would make Node warn of a leak when eleven refresh at once.
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
      // The next process finds the owner dead and takes the lock over.
    }
  }
}
