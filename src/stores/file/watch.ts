import { watch } from 'node:fs';
import { basename } from 'node:path';
import { jitteredDelayMs, poll } from '../poll.js';
import type { StoreWatch } from '../store.js';
import type { TokenLocation } from './location.js';
import { createWake } from '../wake.js';

const pollWithoutWatchMs = 25;

/**
 * Watches the folder of a token file (a watch on the file itself dies with its first replacement) and
 * looks every 100 to 250 ms besides; every 25 ms where the folder cannot be watched.
 */
export function watchFile(finding: Promise<TokenLocation>): StoreWatch {
  const wake = createWake();
  let closed = false;
  let stopWatching = (): void => undefined;
  let stopPolling = poll(jitteredDelayMs, wake.raise);

  function pollFast(): void {
    stopWatching();
    stopPolling();
    if (!closed) stopPolling = poll(() => pollWithoutWatchMs, wake.raise);
  }

  function start({ folder, file, lock }: TokenLocation): void {
    if (closed) return;
    const names = new Set([basename(file), basename(lock)]);
    const watcher = watch(folder, { persistent: false }, (_, name) => {
      if (name === null || names.has(name)) wake.raise();
    });
    stopWatching = () => watcher.close();
    watcher.on('error', pollFast);
  }

  finding.then(start).catch(pollFast);

  return {
    changed: wake.wait,
    close() {
      closed = true;
      stopPolling();
      stopWatching();
      wake.raise();
    },
  };
}
