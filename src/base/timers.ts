/*
 * In a page, such as those of jsdom and Electron, timers are numbers and keep nothing alive, and setImmediate is absent.
 */

/** Lets a timer keep no process alive, and returns it. */
export function unref<Timer>(timer: Timer): Timer {
  (timer as { unref?: () => void }).unref?.();
  return timer;
}

/** Calls back in the next turn of the event loop, after what has arrived was read; the returned function stops it. */
export function inNextTurn(callback: () => void): () => void {
  if ('setImmediate' in globalThis) {
    const immediate = setImmediate(callback);
    return () => clearImmediate(immediate);
  }
  const timer = setTimeout(callback);
  return () => clearTimeout(timer);
}
