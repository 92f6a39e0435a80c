import { fork, type ChildProcess } from 'node:child_process';
import cluster from 'node:cluster';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { eventNames } from '../../src/manager/events.js';
import type { TokenManagerOptions } from '../../src/index.js';

const script = fileURLToPath(new URL('worker.mjs', import.meta.url));
const lastEvents = 25;

/** How a member of the fleet runs. */
export type Kind = 'fork' | 'cluster' | 'thread';

/** A manager with its callers: a process, or one of two threads of a process. */
export interface Member {
  readonly name: string;
  readonly kind: Kind;
  readonly host: ChildProcess;
}

/** A call that did not end with a token or a 200; instants by the real clock. */
export interface Failure {
  readonly client: string;
  readonly why: string;
  readonly retryAt?: number;
  readonly startedAt: number;
  readonly endedAt: number;
}

/** What a manager told. */
export interface FleetEvent {
  readonly name: string;
  readonly [fact: string]: unknown;
}

/** What every member is given. */
export interface FleetSettings {
  readonly options: TokenManagerOptions;
  readonly url: string;
  /** Callers of each client. */
  readonly callers: number;
  readonly pauseMs: number;
  /** The user whose processes they are. */
  readonly uid?: number;
  /** The Redis that they share instead of a file, each through one of the four clients. */
  readonly redis?: { readonly port: number };
}

/** Whom the fleet tells what. */
export interface FleetListener {
  onFailure(member: string, failure: Failure): void;
  /** A member was given a token that was refused. */
  onRefused(member: string): void;
  onViolation(member: string, text: string): void;
  onEvent(member: string, event: FleetEvent): void;
}

interface Message {
  readonly from: string;
  readonly id?: number;
  readonly result?: unknown;
  readonly event?: FleetEvent;
  readonly failure?: Failure;
  readonly isRefused?: boolean;
  readonly violation?: string;
}

/** The processes and threads that share one token. */
export interface Fleet {
  members(): readonly Member[];
  /** Starts a process, with two members if they are threads; resolves when all call. */
  start(kind: Kind): Promise<void>;
  ask<Result>(member: Member, command: string, details?: object): Promise<Result | undefined>;
  /** Ends a process by a signal, or one thread by terminating it; resolves when it is gone. */
  end(member: Member, signal: NodeJS.Signals): Promise<readonly Member[]>;
  /** Lets all finish their calls and end by themselves; throws when one does not within the time. */
  stop(withinMs: number): Promise<void>;
  /** The last events of every member that ever was, for a report. */
  history(): string;
  killAll(): Promise<void>;
}

/** Creates a {@link Fleet} without members. */
export function createFleet(settings: FleetSettings, listener: FleetListener): Fleet {
  const { uid, ...common } = settings;
  const members = new Map<string, Member>();
  const events = new Map<string, string[]>();
  const waiting = new Map<string, (value: unknown) => void>();
  const user = uid === undefined ? {} : { uid, gid: uid };
  let started = 0;
  let lastId = 0;

  cluster.setupPrimary({ exec: script, execArgv: [], ...user });

  function note(name: string, text: string): void {
    const own = events.get(name) ?? [];
    events.set(name, [...own.slice(1 - lastEvents), `${new Date().toISOString()} ${text}`]);
  }

  function waitFor(key: string): Promise<unknown> {
    return new Promise((resolve) => waiting.set(key, resolve));
  }

  function settle(key: string, value: unknown): void {
    waiting.get(key)?.(value);
    waiting.delete(key);
  }

  function hear({ from, id, result, event, failure, isRefused, violation }: Message): void {
    if (id !== undefined) settle(`${from}#${id}`, result);
    if (failure) listener.onFailure(from, failure);
    if (isRefused) listener.onRefused(from);
    if (violation !== undefined) listener.onViolation(from, violation);
    if (!event) return;
    note(from, JSON.stringify(event));
    settle(`${from} ${event.name}`, undefined);
    if (event.name === 'ended') members.delete(from);
    else listener.onEvent(from, event);
  }

  async function start(kind: Kind): Promise<void> {
    const names = Array.from({ length: kind === 'thread' ? 2 : 1 }, () => `${kind}${++started}`);
    const details = {
      ...common,
      eventNames,
      name: names[0],
      threads: kind === 'thread' ? names : [],
    };
    const env = { ...process.env, CHAOS_WORKER: JSON.stringify(details) };
    const host =
      kind === 'cluster' ? cluster.fork(env).process : fork(script, { execArgv: [], env, ...user });
    host.on('message', hear);
    host.once('exit', (code, signal) => {
      for (const name of names) {
        note(name, `gone: ${signal ?? code}`);
        members.delete(name);
        for (const key of [...waiting.keys()])
          if (key.startsWith(`${name}#`)) settle(key, undefined);
      }
    });
    const ready = names.map((name) => waitFor(`${name} ready`));
    for (const name of names) members.set(name, { name, kind, host });
    await Promise.all(ready);
  }

  async function ask<Result>(
    member: Member,
    command: string,
    details = {},
  ): Promise<Result | undefined> {
    if (!member.host.connected) return undefined;
    const id = ++lastId;
    const answered = waitFor(`${member.name}#${id}`);
    member.host.send({ to: member.name, id, command, details });
    return (await answered) as Result;
  }

  async function end(member: Member, signal: NodeJS.Signals): Promise<readonly Member[]> {
    if (member.kind === 'thread' && signal === 'SIGKILL') {
      const ended = waitFor(`${member.name} ended`);
      member.host.send({ to: member.name, command: 'terminate' });
      await ended;
      return [member];
    }
    const lost = [...members.values()].filter(({ host }) => host === member.host);
    const gone = once(member.host, 'exit');
    member.host.kill(signal);
    await gone;
    return lost;
  }

  return {
    members: () => [...members.values()],
    start,
    ask,
    end,
    async stop(withinMs) {
      const hosts = new Set([...members.values()].map(({ host }) => host));
      const gone = [...hosts].map(async (host) => {
        const [code, signal] = (await once(host, 'exit')) as [number | null, string | null];
        if (code !== 0) throw new Error(`a process ended with ${code ?? signal}`);
      });
      for (const member of members.values()) void ask(member, 'stop');
      await within(withinMs, 'not all processes ended by themselves', Promise.all(gone));
    },
    history: () =>
      [...events].map(([name, lines]) => `${name}\n  ${lines.join('\n  ')}`).join('\n'),
    async killAll() {
      const hosts = new Set([...members.values()].map(({ host }) => host));
      await Promise.all(
        [...hosts].map(async (host) => {
          const gone = once(host, 'exit');
          host.kill('SIGKILL');
          await gone;
        }),
      );
    },
  };
}

/** Waits for something, and throws when it takes too long. */
export async function within<Result>(
  ms: number,
  otherwise: string,
  task: Promise<Result>,
): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${otherwise} (after ${ms} ms)`)), ms);
  });
  try {
    return await Promise.race([task, late]);
  } finally {
    clearTimeout(timer);
  }
}
