import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { WorkerEvent } from './journal.js';

/** The worker processes of the application. */
export interface Crew {
  /** Starts one more worker. */
  start(): string;
  /** Those that run. */
  alive(): readonly string[];
  /** Ends a worker with SIGKILL, without a chance to tidy up. */
  kill(worker: string): Promise<void>;
  /** Lets all workers finish their calls and end by themselves; tells those that ended in another way. */
  stop(): Promise<readonly string[]>;
  /** Rejects when a worker ends that was asked neither to die nor to stop. */
  readonly lost: Promise<never>;
  /** Ends whatever still runs. */
  killAll(): Promise<void>;
}

/** What the workers are given and whom they tell. */
export interface CrewParts {
  readonly environment: Readonly<Record<string, string>>;
  readonly callersPerClient: number;
  readonly onEvent: (worker: string, event: WorkerEvent) => void;
}

const script = fileURLToPath(new URL('worker.mjs', import.meta.url));

/** Creates a {@link Crew} without workers. */
export function createCrew({ environment, callersPerClient, onEvent }: CrewParts): Crew {
  const running = new Map<string, ChildProcess>();
  const dismissed = new Set<string>();
  let started = 0;
  let tellLoss: (error: Error) => void;
  const lost = new Promise<never>((_, reject) => (tellLoss = reject));

  function start(): string {
    const worker = `worker-${++started}`;
    // The name is the first part of every request ID, so that the server can tell who asks.
    const env = { ...process.env, ...environment, TT_APP_NAME: worker };
    const child = fork(script, [String(callersPerClient)], { execArgv: [], env });
    running.set(worker, child);
    child.once('exit', () => {
      running.delete(worker);
      if (!dismissed.has(worker)) tellLoss(new Error(`${worker} ended unasked`));
    });
    child.on('message', (event) => onEvent(worker, event as WorkerEvent));
    return worker;
  }

  /** Has a worker end, and gives its exit code. */
  async function dismiss(worker: string, ask: (child: ChildProcess) => void): Promise<unknown> {
    const child = running.get(worker);
    if (!child) return undefined;
    dismissed.add(worker);
    // What it told last may come after its end.
    const gone = Promise.all([once(child, 'exit'), once(child, 'disconnect')]);
    ask(child);
    const [[code]] = (await gone) as [unknown[], unknown];
    return code;
  }

  async function kill(worker: string): Promise<void> {
    await dismiss(worker, (child) => child.kill('SIGKILL'));
  }

  return {
    start,
    alive: () => [...running.keys()],
    kill,
    async stop() {
      const ends = [...running.keys()].map(async (worker) =>
        (await dismiss(worker, (child) => child.send('stop'))) === 0 ? [] : [worker],
      );
      return (await Promise.all(ends)).flat();
    },
    lost,
    async killAll() {
      await Promise.all([...running.keys()].map(kill));
    },
  };
}
