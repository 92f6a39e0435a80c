import { watch } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { StoreWatch } from '../store.js';
import { absent } from './file-errors.js';
import type { TokenLocation } from './location.js';
import { readOwner, type OwnerPlace } from './lock/owner.js';
import { judge, lookAtFolder } from './lock/takeover.js';
import { createWake, regularly } from '../wake.js';

/**
 * Watches the lock of a token file, and looks at both every 100 to 250 ms besides, which is all where their folder
 * cannot be watched. The holder writes the file first: those who woke with that would take the cores from it.
 */
export function watchFile(finding: Promise<TokenLocation>): StoreWatch {
  const wake = createWake();
  let isChanged: (() => Promise<boolean>) | undefined;
  let isClosed = false;
  let stopWatching = (): void => undefined;
  const stopLooking = regularly(async () => {
    if (await look()) wake.raise();
  });

  async function look(): Promise<boolean> {
    try {
      isChanged ??= createGlance(await finding);
      return await isChanged();
    } catch {
      return true; // the store will report it
    }
  }

  function start({ folder, lock }: TokenLocation): void {
    if (isClosed) return;
    const watcher = watch(folder, { persistent: false }, (event, name) => {
      // `rename` is what comes and goes. A holder that touches its lock changes nothing for those who wait.
      if (name === null || (event === 'rename' && name === basename(lock))) wake.raise();
    });
    stopWatching = () => watcher.close();
    watcher.on('error', stopWatching);
  }

  finding.then(start).catch(() => undefined);

  return {
    changed: wake.wait,
    close() {
      isClosed = true;
      stopLooking();
      stopWatching();
      wake.raise();
    },
  };
}

/**
 * Creates a look that costs two calls of the system: it tells whether the file or the lock is another one than
 * at the last look, or the lock is free or abandoned.
 */
function createGlance({ file, lock, owner }: TokenLocation): () => Promise<boolean> {
  let last: string | undefined;
  let holder: OwnerPlace;
  return async () => {
    const folder = await lookAtFolder(lock);
    const found = await lstat(file, { bigint: true }).catch(absent);
    const seen = [folder?.inode, found?.ino, found?.mtimeNs].join();
    const isSame = seen === last;
    last = seen;
    // Inode numbers are used again, so a holder that seems to be gone is read anew.
    if (!isSame || typeof holder !== 'object') holder = await readOwner(owner);
    const isHeld = judge({ folder, owner: holder }).ownerState === 'alive';
    if (!isHeld) holder = undefined;
    return !isSame || !isHeld;
  };
}
