import { fingerprint } from '../../tt/credentials.js';
import type { StoredRecord } from '../../records/record.js';
import type { StoreLease, TokenStore } from '../store.js';
import { createWake } from '../wake.js';

/** What the managers of one identity share. */
interface Cell {
  record?: StoredRecord;
  holder?: symbol;
  readonly wakers: Set<() => void>;
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
      const cell = cells.get(name) ?? { wakers: new Set() };
      cells.set(name, cell);
      const announce = (): void => cell.wakers.forEach((wake) => wake());
      const keep = (record: StoredRecord): void => {
        cell.record = record;
        announce();
      };

      return {
        read: () => Promise.resolve(cell.record),
        write(record) {
          keep(record);
          return Promise.resolve();
        },
        acquire: () => Promise.resolve(cell.holder ? undefined : lease(cell, keep, announce)),
        watch() {
          const wake = createWake();
          cell.wakers.add(wake.raise);
          return {
            changed: wake.wait,
            close() {
              cell.wakers.delete(wake.raise);
              wake.raise();
            },
          };
        },
      };
    },
  };
}

function lease(cell: Cell, keep: (record: StoredRecord) => void, announce: () => void): StoreLease {
  const id = Symbol('lease');
  cell.holder = id;
  return {
    write: (record) => {
      const held = cell.holder === id;
      if (held) keep(record);
      return Promise.resolve(held);
    },
    release: () => {
      if (cell.holder === id) delete cell.holder;
      announce();
      return Promise.resolve();
    },
  };
}
