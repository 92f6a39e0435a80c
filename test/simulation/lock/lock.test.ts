import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { readTextFile, replaceFile } from '../../../src/stores/file/atomic-file.js';
import { createFileLock } from '../../../src/stores/file/lock/lock.js';
import { explore, settle, type Explorable } from './explore.js';
import { mutants } from './mutants.js';
import { useSimulatedClocks } from './mocks.js';
import { createBoard, expired, tokenFile, type RefreshOptions } from './refresh.js';
import { createWorld, type Mutant, type Process, type World } from './world.js';

vi.mock('node:fs/promises', async (original) => {
  const { inside, promised } = await import('./mocks.js');
  return inside(await original<object>(), promised);
});
vi.mock('node:fs', async (original) => {
  const { inside, synchronous } = await import('./mocks.js');
  return inside(await original<object>(), synchronous);
});
vi.mock('../../../src/stores/file/lock/holder.js', async (original) => {
  const { newHolderName } = await import('./mocks.js');
  return { ...(await original<object>()), newHolderName };
});
vi.mock('../../../src/stores/file/lock/process-identity.js', () => import('./mocks.js'));
vi.mock('../../../src/stores/file/lock/exit-cleanup.js', () => import('./mocks.js'));
vi.mock('../../../src/stores/file/lock/silence.js', async (original) => {
  const { createSilenceMeter } = await import('./mocks.js');
  const real = await original<typeof import('../../../src/stores/file/lock/silence.js')>();
  return { createSilenceMeter: () => createSilenceMeter(real.createSilenceMeter) };
});

let restoreClocks: () => void;
beforeAll(() => void (restoreClocks = useSimulatedClocks()));
afterAll(() => restoreClocks());

const location = { folder: '/home', file: tokenFile, lock: `${tokenFile}.lock` };

/** Lets a process of a world refresh, as a manager does. */
function refresher(world: World, board: ReturnType<typeof createBoard>) {
  return (options: RefreshOptions) =>
    world.start(async (process) => {
      const acquire = createFileLock();
      const door = {
        read: () => readTextFile(tokenFile),
        acquire: () => acquire(location, (text, given) => replaceFile(tokenFile, text, given)),
      };
      await board.refresh(process, door, options);
    });
}

/** What is left beside the token file. */
function leftIn(world: World): string[] {
  return world.disk.namesIn('/home').filter((name) => name !== 'token.json');
}

const atLast = { looks: 9, fetchMs: 0, pauseMs: 1, mustEnd: true };

/** How a scene begins. */
interface Scene {
  readonly processes: number;
  /** How often each of them looks at the lock. */
  readonly looks: number;
  /** Whether there is the lock of a process that was killed right before its last rename. */
  readonly isAbandoned?: boolean;
  readonly mutant?: Mutant;
}

/** Processes that find an expired token. When all have ended, another one must be served, and clean up. */
function sceneOf({ processes, looks, isAbandoned = false, mutant }: Scene): Explorable {
  const world = createWorld({ mutant });
  const { disk } = world;
  disk.create(tokenFile).text = expired;
  if (isAbandoned) {
    const name = `${location.lock}/${'f'.repeat(24)}.99.1.000000000000`;
    disk.mkdir(location.lock);
    disk.create(name);
    disk.create(`${name}.tmp`);
  }
  const board = createBoard(world);
  const start = refresher(world, board);
  const options = { looks, fetchMs: 0, pauseMs: 1, mustEnd: false };
  for (let count = 0; count < processes; count++) start(options);

  async function runAlone(process: Process): Promise<void> {
    for (let steps = 0; process.state === 'running' && steps < 500; steps++) {
      await settle(world);
      const call = process.calls.find(({ name }) => name !== 'timer');
      if (call?.path === location.lock) process.isImpatient = true;
      call?.run();
    }
    await settle(world);
  }

  return {
    world,
    async end() {
      const isQuiet = !world.hasRefused && world.processes.every(({ state }) => state === 'ended');
      const isTidy = !isAbandoned && isQuiet;
      if (isTidy && leftIn(world).length > 0) world.broken.push(`left: ${leftIn(world).join()}`);
      disk.open(tokenFile).text = expired;
      const last = start(atLast);
      await runAlone(last);
      if (last.state === 'running') world.broken.push('the last one does not end');
      if (leftIn(world).length > 0) world.broken.push(`left at last: ${leftIn(world).join()}`);
    },
  };
}

describe('dev', () => {
  it.each([
    [
      { processes: 2, looks: 1 },
      { kills: 1, refusals: 0, silence: true },
    ],
    [
      { processes: 2, looks: 1, isAbandoned: true },
      { kills: 1, refusals: 0, silence: true },
    ],
    [
      { processes: 2, looks: 1 },
      { kills: 0, refusals: 1, silence: true },
    ],
    [
      { processes: 2, looks: 1 },
      { kills: 1, refusals: 1, silence: true },
    ],
    [
      { processes: 3, looks: 1 },
      { kills: 0, refusals: 0, silence: true },
    ],
  ] as const)(
    '%j %j',
    async (scene, limits) => {
      const begun = process.hrtime.bigint();
      const found = await explore(() => sceneOf(scene), limits, 8000);
      console.log(
        JSON.stringify([scene, limits]),
        { ...found, broken: found.broken?.slice(0, 100).join('\n') },
        Number(process.hrtime.bigint() - begun) / 1e6,
      );
    },
    100_000,
  );
  it.each(Object.keys(mutants))(
    '%s',
    async (name) => {
      const begun = process.hrtime.bigint();
      for (const isAbandoned of [false, true])
        for (const processes of [2, 3]) {
          const found = await explore(
            () => sceneOf({ processes, looks: 1, isAbandoned, mutant: mutants[name]! }),
            { kills: 0, refusals: 0, silence: true },
            3000,
          );
          console.log(
            name,
            isAbandoned,
            processes,
            { ...found, broken: found.broken?.[0] },
            Number(process.hrtime.bigint() - begun) / 1e6,
          );
        }
    },
    100_000,
  );
});
