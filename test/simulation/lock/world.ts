import { AsyncLocalStorage } from 'node:async_hooks';
import { createDisk, refusal, type Disk, type Node } from './disk.js';

/*
 * Processes that share a disk in memory, in one real process. Each call of the file system waits until the
 * schedule lets it go on, refuses it, or kills its process; the mocks of node:fs ask this file.
 */

/** A call of the file system, or a pause, that waits for the schedule. */
export interface Call {
  readonly name: string;
  readonly path: string;
  /** Time at which a pause or a timer ends. */
  readonly dueAt: number;
  run(): void;
  refuse(code: string): void;
}

/** Changes what one process sees or does: a mutant of the lock. */
export type Mutant = (
  name: string,
  paths: readonly string[],
  process: Process,
) => (() => unknown) | undefined;

/** A simulated process. */
export interface Process {
  readonly id: number;
  readonly world: World;
  readonly calls: Call[];
  /** Every call and what it gave: what the process knows. */
  readonly history: string[];
  readonly exitCleanups: Set<() => void>;
  /** How far its clock is ahead of the world's. */
  readonly skewMs: number;
  state: 'running' | 'ended' | 'dead';
  /** Whether its next look at the lock finds the holder silent. */
  isImpatient: boolean;
  /** How many names it has made. */
  names: number;
  /** When it last took a step. */
  ranAtMs: number;
  frozenUntilMs: number;
}

/** Everything of one run. */
export interface World {
  readonly disk: Disk;
  readonly processes: Process[];
  /** What broke a promise, in words. */
  readonly broken: string[];
  readonly log: string[];
  nowMs: number;
  isAbandoned: boolean;
  /** Whether a call has been refused. */
  hasRefused: boolean;
  /** Whether silence takes time, or the schedule says who seems silent. */
  readonly isTimed: boolean;
  mutant?: Mutant | undefined;
  /** Called after each step that was done. */
  onStep: (process: Process, name: string, paths: readonly string[]) => void;
  start(script: (process: Process) => Promise<void>, skewMs?: number): Process;
  kill(process: Process): void;
  /** Lets the code run until everything waits. */
  settle(): Promise<void>;
  /** Ends what still waits, so that nothing is left in memory. */
  abandon(): Promise<void>;
}

const running = new AsyncLocalStorage<Process>();
const nextTurn = setImmediate;

/** The process on whose behalf the code runs; undefined outside of a simulation. */
export function currentProcess(): Process | undefined {
  return running.getStore();
}

/** Lets a call of the current process wait for the schedule; `effect` is the step. */
export function step<Result>(
  name: string,
  paths: readonly string[],
  effect: (disk: Disk) => Result,
  dueAt = 0,
): Promise<Result> {
  const process = currentProcess();
  if (!process) throw new Error(`${name} outside of the simulation`);
  const { world } = process;
  if (world.isAbandoned) return Promise.reject(refusal('EIO', name, paths[0]));
  return new Promise((resolve, reject) => {
    const remember = (outcome: string): void => {
      const line = `${name} ${paths.join(' ')} ${outcome}`;
      process.history.push(line);
      world.log.push(`${process.id}: ${line}`);
    };
    const leave = (): void => void process.calls.splice(process.calls.indexOf(call), 1);
    const call: Call = {
      name,
      path: paths.at(-1) ?? '',
      dueAt,
      run() {
        leave();
        const mutated = world.mutant?.(name, paths, process);
        try {
          const result = mutated ? (mutated() as Result) : effect(world.disk);
          // After a pause a process knows no more than how often it will look.
          if (name === 'pause') process.history.length = 0;
          remember(Array.isArray(result) ? result.join(',') : '');
          process.ranAtMs = world.nowMs;
          world.onStep(process, name, paths);
          resolve(result);
        } catch (error) {
          const refused = error as NodeJS.ErrnoException;
          remember(refused.code ?? '');
          reject(refused);
        }
      },
      refuse(code) {
        leave();
        world.hasRefused = true;
        remember(`refused ${code}`);
        reject(refusal(code, name, paths[0]));
      },
    };
    process.calls.push(call);
  });
}

/** Whether a process waits for the schedule, or has ended. */
function isWaiting({ state, calls }: Process): boolean {
  return state !== 'running' || calls.some(({ name }) => name !== 'timer');
}

/** How a world works. */
export interface WorldOptions {
  readonly isTimed?: boolean;
  readonly mutant?: Mutant | undefined;
}

/** Creates a {@link World}. */
export function createWorld({ isTimed = false, mutant }: WorldOptions = {}): World {
  const clock = { nowMs: 1_000_000 };
  const disk = createDisk(() => clock.nowMs);

  async function settle(): Promise<void> {
    // The next turn comes when all promises have been served, but mostly it is soon enough to ask for some of them.
    for (let turns = 0; turns < 100 && !world.processes.every(isWaiting); turns++) {
      await Promise.resolve();
    }
    if (isTimed || !world.processes.every(isWaiting)) await new Promise((done) => nextTurn(done));
  }

  const world: World = {
    disk,
    processes: [],
    broken: [],
    log: [],
    get nowMs() {
      return clock.nowMs;
    },
    set nowMs(value) {
      clock.nowMs = value;
    },
    isAbandoned: false,
    hasRefused: false,
    isTimed,
    mutant,
    onStep: () => undefined,
    start(script, skewMs = 0) {
      const process: Process = {
        id: world.processes.length,
        world,
        calls: [],
        history: [],
        exitCleanups: new Set(),
        skewMs,
        state: 'running',
        isImpatient: false,
        names: 0,
        ranAtMs: world.nowMs,
        frozenUntilMs: 0,
      };
      world.processes.push(process);
      running.run(process, () => {
        script(process).then(
          () => void (process.state = 'ended'),
          (error: unknown) => {
            process.state = 'ended';
            if (!world.isAbandoned && !world.hasRefused)
              world.broken.push(`process ${process.id} fails: ${String(error)}`);
          },
        );
      });
      return process;
    },
    kill(process) {
      process.state = 'dead';
      world.log.push(`${process.id}: killed`);
    },
    settle,
    async abandon() {
      world.isAbandoned = true;
      for (let turns = 0; turns < 60; turns++) {
        const waiting = world.processes.flatMap(({ calls }) => calls);
        if (waiting.length === 0) return;
        for (const call of waiting) call.refuse('EIO');
        await settle();
      }
    },
  };
  return world;
}

/** A handle of a file: it stays with the file when that is renamed or removed. */
export function handleOf(path: string, node: Node) {
  return {
    chmod: () => Promise.resolve(),
    sync: () => step('sync', [path], () => undefined),
    close: () => Promise.resolve(),
    writeFile: (text: string) => step('write', [path], () => void (node.text = text)),
    readFile: () => step('read', [path], () => node.text),
    stat: () => Promise.resolve({ isFile: () => node.kind === 'file', size: node.text.length }),
  };
}
