import { fingerprint } from '../../tt/credentials.js';
import type { StoreLease, TokenStore } from '../store.js';

/** What the managers of one identity share. */
interface Cell {
  text?: string;
  holder?: symbol;
}

/**
 * Creates a store in the memory of this process: managers given the same store share tokens and failures,
 * other processes and worker threads do not.
 */
export function memoryStore(): TokenStore {
  const cells = new Map<string, Cell>();

  return {
    open({ environment, baseUrl, keyFingerprint }) {
      const name = fingerprint(environment, baseUrl, keyFingerprint);
      const cell = cells.get(name) ?? {};
      cells.set(name, cell);

      return {
        read: () => Promise.resolve(cell.text),
        write(text) {
          cell.text = text;
          return Promise.resolve();
        },
        acquire: () => Promise.resolve(cell.holder ? undefined : lease(cell)),
      };
    },
  };
}

function lease(cell: Cell): StoreLease {
  const id = Symbol('lease');
  cell.holder = id;
  return {
    write(text) {
      const isHeld = cell.holder === id;
      if (isHeld) cell.text = text;
      return Promise.resolve(isHeld);
    },
    release() {
      if (cell.holder === id) delete cell.holder;
      return Promise.resolve();
    },
  };
}
