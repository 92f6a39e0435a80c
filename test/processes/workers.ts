import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { eventNames } from '../../src/manager/events.js';
import type { TokenManagerOptions, TokenStatus } from '../../src/index.js';
import type { FakeTT } from '../../src/testing/index.js';
import type { ConnectOptions } from '../helpers/redis-connect.mjs';

const script = fileURLToPath(new URL('worker.mjs', import.meta.url));

/** What a process got for its callers. */
export interface Served {
  readonly served: number;
  readonly tokens: readonly string[];
  readonly errors: readonly { code: string; status?: number; retryAt?: number; message?: string }[];
  readonly startedAt: number;
  readonly waitedMs: number;
  readonly finishedAt: number;
}

/** An event as a process saw it. */
export interface SeenEvent {
  readonly name: string;
  readonly [field: string]: unknown;
}

/** Where a process stops and stays, for the test to end it there. */
export type HangPoint = 'secret' | 'folder' | 'record' | 'rename' | 'release' | 'full-disk';

/** How to start a process. */
export interface WorkerSettings {
  readonly hangs?: HangPoint;
  /** Run as another user. */
  readonly uid?: number;
  readonly thread?: boolean;
  /** Share the token over Redis instead of the file. */
  readonly redis?: ConnectOptions;
}

/** A process or thread with a manager of its own. */
export interface TestWorker {
  readonly name: string;
  readonly pid: number;
  get(details?: { callers?: number; forceRefresh?: boolean }): Promise<Served>;
  invalidate(token: string): Promise<void>;
  status(): Promise<TokenStatus>;
  events(): Promise<readonly SeenEvent[]>;
  /** Blocks its event loop; resolves when it is free again. */
  block(ms: number): Promise<void>;
  /** Sets its clock, by so much ahead of the real one. */
  setClock(aheadMs: number): Promise<void>;
  /** Resolves when the process has come to a point. */
  reached(point: string): Promise<void>;
  close(): Promise<void>;
  signal(name: NodeJS.Signals): void;
  /** SIGKILL, or the end of a thread; resolves when it is gone. */
  kill(): Promise<void>;
}

interface Message {
  readonly id?: number;
  readonly result?: unknown;
  readonly failure?: unknown;
  readonly reached?: string;
}

/** The options of a manager that talks to the stand-in; its name shows in every request ID. */
export function optionsFor(tt: FakeTT, name: string, tokenFile: string): TokenManagerOptions {
  const { url: baseUrl, apiKey, apiSecret } = tt;
  return { apiKey, apiSecret, appName: name, companyName: 'Tests', baseUrl, tokenFile };
}

/** Starts a process with a manager and waits until it is ready. */
export async function startWorker(
  options: TokenManagerOptions,
  { hangs, uid, thread = false, redis }: WorkerSettings = {},
): Promise<TestWorker> {
  const data = [options, { hangs, eventNames, redis }];
  const port = thread
    ? new Worker(script, { workerData: data })
    : fork(script, [JSON.stringify(data)], {
        execArgv: [],
        ...(uid !== undefined && { uid, gid: uid }),
      });
  const post = (message: object): void => {
    if (port instanceof Worker) port.postMessage(message);
    else port.send(message);
  };
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
    post({ id, command, details });
    const { result, failure } = await answered;
    if (failure !== undefined) throw new Error(`${command}: ${JSON.stringify(failure)}`);
    return result as Result;
  }

  async function reached(point: string): Promise<void> {
    if (!reachedPoints.has(point))
      await new Promise<void>((resolve) => onReached.set(point, resolve));
  }

  const gone = once(port, 'exit');
  const worker: TestWorker = {
    name: options.appName,
    pid: port instanceof Worker ? process.pid : (port.pid ?? 0),
    get: (details) => call('get', details),
    invalidate: (token) => call('invalidate', { token }),
    status: () => call('status'),
    events: () => call('events'),
    block: (ms) => call('block', { ms }),
    setClock: (aheadMs) => call('clock', { aheadMs }),
    close: () => call('close'),
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
  await reached('ready');
  return worker;
}
