import { afterAll } from 'vitest';
import type { TokenManagerOptions, TokenStatus } from '../../src/index.js';
import type { FakeTT } from '../../src/testing/index.js';
import type { ConnectOptions } from '../helpers/redis-connect.mjs';
import { startHost, type Host } from './worker-host.js';

/** Processes whose tests are over, by what they have loaded: to start one costs far more than a new manager in it. */
const idle = new Map<string, Host[]>();
afterAll(() => Promise.all([...idle.values()].flat().map((host) => host.kill())));

/** What a process got for its callers. */
export interface Served {
  readonly served: number;
  readonly tokens: readonly string[];
  readonly errors: readonly {
    code: string;
    responseStatus?: number;
    retryAt?: number;
    message?: string;
  }[];
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
export type HangPoint = 'secret' | 'folder' | 'entry' | 'rename' | 'release' | 'full-disk';

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
  /** Closes its manager and keeps the process for a later test; one that a test has stopped or spoilt is killed. */
  end(): Promise<void>;
}

/** The options of a manager that talks to the stand-in; its name shows in every request ID. */
export function optionsFor(tt: FakeTT, name: string, tokenFile: string): TokenManagerOptions {
  const { url: baseUrl, apiKey, apiSecret } = tt;
  return { apiKey, apiSecret, appName: name, companyName: 'Tests', baseUrl, tokenFile };
}

/** Starts a manager in a process of its own, an idle one if there is one. */
export async function startWorker(
  options: TokenManagerOptions,
  { redis, ...settings }: WorkerSettings = {},
): Promise<TestWorker> {
  let isPlain = Object.keys(settings).length === 0;
  const loads = redis?.from ?? 'none';
  const host = (isPlain && idle.get(loads)?.pop()) || (await startHost(settings));
  await host.call('begin', { options, redis });
  return {
    name: options.appName,
    pid: host.pid,
    get: (details) => host.call('get', details),
    invalidate: (token) => host.call('invalidate', { token }),
    status: () => host.call('status'),
    events: () => host.call('events'),
    block: (ms) => host.call('block', { ms }),
    setClock: (aheadMs) => host.call('clock', { aheadMs }),
    close: () => host.call('close'),
    reached: host.reached,
    signal(name) {
      isPlain = false;
      host.signal(name);
    },
    kill() {
      isPlain = false;
      return host.kill();
    },
    async end() {
      if (!isPlain) return host.kill();
      await host.call('end');
      idle.set(loads, [...(idle.get(loads) ?? []), host]);
    },
  };
}
