import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { eventNames } from '../../src/manager/events.js';
import type { WorkerSettings } from './workers.js';

const script = fileURLToPath(new URL('worker.mjs', import.meta.url));

/** A process or thread that does what worker.mjs can. */
export interface Host {
  readonly pid: number;
  call<Result>(command: string, details?: object): Promise<Result>;
  /** Resolves when it has come to a point. */
  reached(point: string): Promise<void>;
  signal(name: NodeJS.Signals): void;
  /** Resolves when it is gone; it may be gone already. */
  kill(): Promise<void>;
}

interface Message {
  readonly id?: number;
  readonly result?: unknown;
  readonly failure?: unknown;
  readonly reached?: string;
}

/** Starts a {@link Host} and waits until it is ready. */
export async function startHost({
  hangs,
  uid,
  thread = false,
}: Omit<WorkerSettings, 'redis'>): Promise<Host> {
  const data = { hangs, eventNames };
  const port = thread
    ? new Worker(script, { workerData: data })
    : fork(script, [JSON.stringify(data)], {
        execArgv: [],
        ...(uid !== undefined && { uid, gid: uid }),
      });
  const waiting = new Map<number, (message: Message) => void>();
  const reachedPoints = new Set<string>();
  const onReached = new Map<string, () => void>();
  let lastId = 0;

  port.on('message', (message: Message) => {
    if (message.id !== undefined) waiting.get(message.id)?.(message);
    if (message.reached !== undefined) {
      reachedPoints.add(message.reached);
      onReached.get(message.reached)?.();
    }
  });

  async function call<Result>(command: string, details?: object): Promise<Result> {
    const id = ++lastId;
    const answered = new Promise<Message>((resolve) => waiting.set(id, resolve));
    const message = { id, command, details };
    if (port instanceof Worker) port.postMessage(message);
    else port.send(message);
    const { result, failure } = await answered;
    if (failure !== undefined) throw new Error(`${command}: ${JSON.stringify(failure)}`);
    return result as Result;
  }

  async function reached(point: string): Promise<void> {
    if (!reachedPoints.has(point))
      await new Promise<void>((resolve) => onReached.set(point, resolve));
  }

  const gone = once(port, 'exit');
  await reached('ready');
  return {
    pid: port instanceof Worker ? process.pid : (port.pid ?? 0),
    call,
    reached,
    signal(name) {
      if (!(port instanceof Worker)) port.kill(name);
    },
    async kill() {
      if (port instanceof Worker) await port.terminate();
      else port.kill('SIGKILL');
      await gone;
    },
  };
}
