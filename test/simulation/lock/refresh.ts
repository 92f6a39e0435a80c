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
  /** Whether somebody found it silent and took the lock over. */
  isTakenOver: boolean;
}

/** How a process refreshes. */
export interface RefreshOptions {
  readonly looks: number;
  readonly fetchMs: number;
  readonly pauseMs: number;
  /** Whether all the looks must suffice to be served. */
  readonly mustEnd: boolean;
}

/** Creates the script of a process; the same board for all of a world. */
export function createBoard(world: World) {
  const leases: Held[] = [];
  let tokens = 0;

  const isHeld = ({ process, isOver, isTakenOver }: Held): boolean =>
    !isOver && !isTakenOver && process.state === 'running';

  /** What a process that takes an entry over may do, and what it does to the lease of its holder. */
  function takenOver(entry: string, by: Process): void {
    const process = world.processes[Number(entry.split('.').at(-3)) - 1];
    if (process?.state !== 'running') return;
    const isSilent = world.nowMs - process.ranAtMs >= leastPatienceMs;
    if (!isSilent && !by.isImpatient) world.broken.push(`${by.id} robs ${process.id}, which lives`);
    for (const lease of leases) if (lease.process === process) lease.isTakenOver = true;
  }

  world.onStep = (process, name, [from = '', to]) => {
    if (name !== 'rename') return;
    if (to !== tokenFile) {
      takenOver(from, process);
      return;
    }
    const own = leases.findLast((lease) => lease.process === process);
    const later = leases.find(({ order }) => own && order > own.order);
    if (later) {
      world.broken.push(`late write: ${process.id} after ${later.process.id} took the lock`);
    }
  };

  function acquired(process: Process): Held {
    for (const other of leases.filter(isHeld)) {
      world.broken.push(`two holders: ${other.process.id} and ${process.id}`);
    }
    const held = { process, order: leases.length, isOver: false, isTakenOver: false };
    leases.push(held);
    return held;
  }

  const pause = (ms: number, left: number): Promise<void> =>
    step('pause', [`${left} left`], () => undefined, world.nowMs + ms);

  async function refresh(process: Process, door: Door, options: RefreshOptions): Promise<void> {
    for (let look = 0; look < options.looks; look++) {
      if ((await door.read()) !== expired) return;
      const lease = await door.acquire();
      if (!lease) {
        await pause(options.pauseMs, options.looks - look);
        continue;
      }
      const held = acquired(process);
      try {
        if ((await door.read()) !== expired) return;
        if (options.fetchMs > 0) await pause(options.fetchMs, 0);
        const token = `token ${++tokens}`;
        const isWritten = await lease.write(token, { lifeMs: 60_000 });
        if (isWritten && !world.disk.text(tokenFile)?.startsWith('token')) {
          world.broken.push(`lost: ${process.id} has written ${token}`);
        }
        if (!isWritten && !held.isTakenOver && !world.hasRefused) {
          world.broken.push(`lease of ${process.id} lost to nobody`);
        }
        return;
      } finally {
        held.isOver = true;
        await lease.release();
      }
    }
    if (options.mustEnd) world.broken.push(`process ${process.id} waits for ever`);
  }

  return { refresh, leases };
}
