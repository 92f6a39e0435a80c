import { fork, type ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { WorkerEvent, WorkerSettings } from './messages.js';

/** The worker processes of the application. */
export interface Crew {
  /** Starts one more worker. */
  start(): string;
  /** How many were started. */
  size(): number;
  /** Those that run. */
  alive(): readonly string[];
  /** Ends a worker with SIGKILL, without a chance to tidy up. */
  kill(worker: string): Promise<void>;
  /** Lets all workers finish their calls and end by themselves; tells those that ended in another way. */
  stop(): Promise<readonly string[]>;
  /** Rejects when a worker ends that was asked neither to die nor to stop. */
  lost(): Promise<never>;
  /** Ends whatever still runs. */
  killAll(): Promise<void>;
}

/** What the workers are given and whom they tell. */
export interface CrewParts {
  readonly environment: Readonly<Record<string, string>> & WorkerSettings;
  readonly onEvent: (worker: string, event: WorkerEvent) => void;
}

const script = fileURLToPath(new URL('worker.mjs', import.meta.url));

/** Creates a {@link Crew} without workers. */
export function createCrew({ environment, onEvent }: CrewParts): Crew {
  const running = new Map<string, ChildProcess>();
  const dismissed = new Set<string>();
  const unasked = new EventEmitter<{ exit: [worker: string] }>();
  let started = 0;

  function start(): string {
    const worker = `worker-${++started}`;
    // The name is the first part of every request ID, so that the server can tell who asks.
    const child = fork(script, {
      execArgv: [],
      env: { ...process.env, ...environment, TT_APP_NAME: worker },
    });
    running.set(worker, child);
    child.once('exit', () => {
      running.delete(worker);
      if (!dismissed.has(worker)) unasked.emit('exit', worker);
    });
    child.on('message', (event) => onEvent(worker, event as WorkerEvent));
    return worker;
  }

  async function kill(worker: string): Promise<void> {
    const child = running.get(worker);
    if (!child) return;
    dismissed.add(worker);
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  return {
    start,
    size: () => started,
    alive: () => [...running.keys()],
    kill,
    async stop() {
      const ends = [...running].map(async ([worker, child]) => {
        dismissed.add(worker);
        const gone = once(child, 'exit');
        child.send('stop');
        const [code] = (await gone) as [number | null];
        return code === 0 ? [] : [worker];
      });
      return (await Promise.all(ends)).flat();
    },
    async lost() {
      const [worker] = (await once(unasked, 'exit')) as [string];
      throw new Error(`${worker} ended unasked`);
    },
    async killAll() {
      await Promise.all([...running.keys()].map(kill));
    },
  };
}
