import type { StoreLease } from '../../../src/stores/store.js';
import { step, type Process, type World } from './world.js';

/*
 * What a manager does with a store, and the promises of the lock while it does. A token is the text `token <n>`, of
 * which a later one was asked for later.
 */

export const tokenFile = '/home/token.json';
export const expired = 'expired';
/** A holder that shows life within this time may not be taken over. */
const leastPatienceMs = 5_000;

/** What a process uses of the store. */
export interface Door {
  read(): Promise<string | undefined>;
  acquire(): Promise<StoreLease | undefined>;
}

/** A lease, as the checks see it. */
interface Held {
  readonly process: Process;
  readonly order: number;
  isOver: boolean;
}

/** How a process refreshes. */
export interface RefreshOptions {
  readonly looks: number;
  readonly fetchMs: number;
  readonly pauseMs: number;
}

/** Creates the script of a process; the same board for all of a world. */
export function createBoard(world: World) {
  const leases: Held[] = [];
  let tokens = 0;
  let isExcused = false;

  const isAlive = ({ process, isOver }: Held): boolean => !isOver && process.state === 'running';

  world.onStep = (process, name, paths) => {
    if (name !== 'rename' || paths[1] !== tokenFile) return;
    const own = leases.findLast((lease) => lease.process === process);
    const later = leases.find(({ order }) => own && order > own.order);
    if (later) {
      world.broken.push(`late write: ${process.id} after ${later.process.id} took the lock`);
    }
  };

  function acquired(process: Process): Held {
    for (const other of leases.filter(isAlive)) {
      const silentMs = world.nowMs - other.process.ranAtMs;
      if (silentMs < leastPatienceMs && !process.isImpatient) {
        world.broken.push(`two holders: ${other.process.id} and ${process.id}`);
      }
    }
    const held = { process, order: leases.length, isOver: false };
    leases.push(held);
    return held;
  }

  const pause = (ms: number): Promise<void> => step('pause', [], () => undefined, world.nowMs + ms);

  async function refresh(process: Process, door: Door, options: RefreshOptions): Promise<void> {
    for (let look = 0; look < options.looks; look++) {
      if ((await door.read()) !== expired) return;
      const lease = await door.acquire();
      if (!lease) {
        await pause(options.pauseMs);
        continue;
      }
      const held = acquired(process);
      try {
        if ((await door.read()) !== expired) return;
        if (options.fetchMs > 0) await pause(options.fetchMs);
        const token = `token ${++tokens}`;
        const isWritten = await lease.write(token, { lifeMs: 60_000 });
        if (isWritten && !world.disk.text(tokenFile)?.startsWith('token')) {
          world.broken.push(`lost: ${process.id} has written ${token}`);
        }
        if (!isWritten && !leases.some(({ order }) => order > held.order) && !isExcused) {
          world.broken.push(`lease of ${process.id} lost to nobody`);
        }
        return;
      } finally {
        held.isOver = true;
        await lease.release();
      }
    }
    world.broken.push(`process ${process.id} waits for ever`);
  }

  return {
    refresh,
    leases,
    /** After a refused call, or a removed lock, a lease may be lost to nobody. */
    excuse: () => void (isExcused = true),
  };
}
