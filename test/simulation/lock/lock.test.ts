import fc from 'fast-check';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { readTextFile, replaceFile } from '../../../src/stores/file/atomic-file.js';
import { createFileLock } from '../../../src/stores/file/lock/lock.js';
import { explore, settle, type Explorable, type Explored, type Limits } from './explore.js';
import { mutants } from './mutants.js';
import { useSimulatedClocks } from './mocks.js';
import { isFull } from '../../helpers/full.js';
import { runs } from '../../properties/runs.js';
import { createBoard, expired, tokenFile, type RefreshOptions } from './refresh.js';
import { runTimed, type Trouble } from './timed.js';
import { createWorld, type Mutant, type Process, type World } from './world.js';
import { describeOn } from '../../helpers/systems.js';

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
const explored: string[] = [];
beforeAll(() => void (restoreClocks = useSimulatedClocks()));
afterAll(() => {
  restoreClocks();
  if (isFull) console.log(explored.join('\n'));
});

const location = { folder: '/home', file: tokenFile, lock: `${tokenFile}.lock` };

/** Lets a process of a world refresh, as a manager does. */
function refresher(world: World, board: ReturnType<typeof createBoard>) {
  return (options: RefreshOptions, skewMs = 0) =>
    world.start(async (process) => {
      const acquire = createFileLock();
      const door = {
        read: () => readTextFile(tokenFile),
        acquire: () => acquire(location, (text, given) => replaceFile(tokenFile, text, given)),
      };
      await board.refresh(process, door, options);
    }, skewMs);
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

/** Puts an expired token on the disk, and the lock of a process that was killed right before its last rename. */
function fill({ disk }: World, isAbandoned: boolean): void {
  disk.create(tokenFile).text = expired;
  if (!isAbandoned) return;
  const name = `${location.lock}/${'f'.repeat(24)}.99.1.000000000000`;
  disk.mkdir(location.lock);
  disk.create(name);
  disk.create(`${name}.tmp`);
}

/** A world in which time passes. */
function timedScene(isAbandoned: boolean) {
  const world = createWorld({ isTimed: true });
  fill(world, isAbandoned);
  return { world, start: refresher(world, createBoard(world)) };
}

/** Processes that find an expired token. When all have ended, another one must be served, and clean up. */
function sceneOf({ processes, looks, isAbandoned = false, mutant }: Scene): Explorable {
  const world = createWorld({ mutant });
  const { disk } = world;
  fill(world, isAbandoned);
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

/** Explores a scene in which every promise must hold. */
async function holds(scene: Scene, limits: Limits, mostRuns: number): Promise<Explored> {
  const explored = await explore(() => sceneOf(scene), limits, mostRuns);
  expect(explored.broken?.join('\n')).toBeUndefined();
  return explored;
}

const nothing = { kills: 0, refusals: 0, silence: false };
const anySilence = { ...nothing, silence: true };
const all = Infinity;

/** Scenes, what may happen in them, and how many runs are tried; `all` is every interleaving. */
const scenes: [Scene, Limits, number][] = [
  [{ processes: 2, looks: 1 }, anySilence, all],
  [{ processes: 2, looks: 1 }, { kills: 1, refusals: 1, silence: true }, isFull ? 4_000 : 150],
  [{ processes: 2, looks: 1, isAbandoned: true }, anySilence, isFull ? 4_000 : 300],
  [{ processes: 2, looks: 2 }, nothing, all],
];
const longScenes: typeof scenes = [
  [{ processes: 2, looks: 1 }, { kills: 1, refusals: 0, silence: true }, all],
  [{ processes: 2, looks: 1 }, { kills: 0, refusals: 1, silence: true }, 4_000],
  [{ processes: 2, looks: 1, isAbandoned: true }, { kills: 1, refusals: 0, silence: true }, 4_000],
  [{ processes: 2, looks: 1, isAbandoned: true }, { kills: 1, refusals: 1, silence: true }, 4_000],
  [{ processes: 2, looks: 2 }, anySilence, all],
  [{ processes: 3, looks: 1 }, anySilence, 4_000],
  [{ processes: 3, looks: 1, isAbandoned: true }, { kills: 1, refusals: 0, silence: true }, 4_000],
];

describeOn('posix')('the lock, step by step', () => {
  it.each([...scenes, ...(isFull ? longScenes : [])])(
    'is exclusive, and leaves nothing: %j, %j',
    async (scene, limits, mostRuns) => {
      const begun = process.cpuUsage();
      const { runs, states, depth } = await holds(scene, limits, mostRuns);
      const { user, system } = process.cpuUsage(begun);
      const seconds = ((user + system) / 1e6).toFixed(1);
      explored.push(
        `${JSON.stringify([scene, limits])}: ${runs} runs, ${states} states, ${depth} steps, ${seconds} s`,
      );
      if (mostRuns === all) expect(runs).toBeGreaterThan(100);
    },
    3_600_000,
  );

  it.each(Object.entries(mutants))('is not when it %s, which is found', async (_, mutant) => {
    let found: string | undefined;
    for (const isAbandoned of [false, true]) {
      const scene = { processes: 2, looks: 1, isAbandoned, mutant };
      // A dead holder is taken over without silence, too.
      const limits = isAbandoned ? nothing : anySilence;
      found ??= (await explore(() => sceneOf(scene), limits, 700)).broken?.[0];
    }
    expect(found).toMatch(/two holders|late write|lost to nobody/);
  });

  it('leaves what is of another program', async () => {
    const { broken } = await explore(
      () => {
        const { world } = sceneOf({ processes: 2, looks: 2, isAbandoned: true });
        const theirs = world.disk.create(`${location.lock}/file`);
        // They say that they cannot lock, which is no fault.
        world.hasRefused = true;
        const end = (): Promise<void> => {
          const isThere = world.disk.nodes.get(`${location.lock}/file`) === theirs;
          if (!isThere) world.broken.push('took what is not its own');
          return Promise.resolve();
        };
        return { world, end };
      },
      { kills: 1, refusals: 0, silence: true },
      300,
    );
    expect(broken).toBeUndefined();
  });
});

describeOn('posix')('the lock, in time', () => {
  const trouble = fc.record<Trouble>({
    atStep: fc.nat(150),
    process: fc.nat(2),
    kind: fc.constantFrom('freeze', 'freeze', 'kill', 'EIO', 'EPERM', 'ENOENT'),
    forMs: fc.constantFrom(300, 1_200, 6_000, 15_000),
  });

  it('is exclusive, ends and leaves nothing, whoever is slow, killed or refused, and whatever the clocks', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer(),
        fc.array(trouble, { maxLength: 3 }),
        fc.array(fc.integer({ min: -60_000, max: 60_000 }), { minLength: 2, maxLength: 3 }),
        fc.boolean(),
        async (seed, troubles, skews, isAbandoned) => {
          const { world, start } = timedScene(isAbandoned);
          const options = { looks: 1_000, fetchMs: 2_500, pauseMs: 100, mustEnd: true };
          for (const skew of skews) start(options, skew);
          await runTimed(world, seed, troubles);
          if (world.broken.length === 0) {
            world.disk.open(tokenFile).text = expired;
            start(options);
            await runTimed(world, seed);
            if (leftIn(world).length > 0) world.broken.push(`left: ${leftIn(world).join()}`);
          }
          const broken = world.broken.length > 0 ? [...world.broken, ...world.log] : [];
          await world.abandon();
          expect(broken.join('\n')).toBe('');
        },
      ),
      runs(400),
    );
  }, 3_600_000);
});
