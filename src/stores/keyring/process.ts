import type { ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { keepingAlive, withTimeout } from '../../base/abort.js';
import { unref } from '../../base/timers.js';
import { onProcessExit } from '../file/lock/exit-cleanup.js';
import { moduleFolders } from './module-folders.js';

/*
 * A helper process asks the keyring. It ends when it is idle, or with this process. A D-Bus that does not answer
 * blocks the thread that asks, for 25 s or for ever, even in the asynchronous calls of @napi-rs/keyring, and a
 * worker thread that is blocked cannot be ended: a process can.
 */

/** A request to one entry of the keyring. */
export interface KeyringRequest {
  readonly method: 'getSecret' | 'setSecret' | 'deleteCredential';
  /** The text to keep. */
  readonly text?: string;
}

/** The text that was read, whether an entry was removed, or nothing. */
export type KeyringAnswer = string | boolean | undefined;

/** Asks one entry of the keyring; rejects when that fails or takes longer than `timeoutMs`. */
export type AskKeyring = (request: KeyringRequest, timeoutMs: number) => Promise<KeyringAnswer>;

/** The answer of the helper process. */
interface Message {
  readonly answer?: KeyringAnswer;
  readonly error?: { readonly code?: string; readonly message: string };
}

const idleMs = 1_000;
/** Marks the helper process: where `process.execPath` is no Node, it would be this program once more. */
const marker = 'TT_TOKEN_MANAGER_KEYRING_PROCESS';

/** Ends the helper process with this one: its thread sees the pipe close even while D-Bus blocks the main one. */
const watcher = `
  const { Socket } = require('node:net');
  new Socket({ fd: 0 })
    .on('error', () => undefined)
    .on('close', () => process.kill(process.pid, 'SIGKILL'))
    .resume();
`;

/**
 * The helper process. On Linux it uses the Secret Service only: the kernel's keyring, which would stand in for
 * it, forgets. It keeps bytes, not a password, which would take twice the scarce room on Windows.
 */
const program = `
  const { Worker } = require('node:worker_threads');
  new Worker(${JSON.stringify(watcher)}, { eval: true }).unref();
  let entry;
  // The global \`module\` changes after this code has run.
  const own = module;
  process.on('message', ({ folders, service, account, method, text }) => {
    try {
      own.paths = folders;
      const { Entry } = require('@napi-rs/keyring');
      entry ??= new Entry(service, account, { linux: { store: 'secret-service' } });
      const answer = entry[method](...(text === undefined ? [] : [Buffer.from(text)]));
      process.send({ answer: Array.isArray(answer) ? Buffer.from(answer).toString() : answer ?? undefined });
    } catch ({ code, message }) {
      process.send({ error: { code, message } });
    }
  });
`;

/** Creates the access to one entry; starts nothing yet. Requests wait for the one before. */
export function askKeyring(service: string, account: string): AskKeyring {
  let child: ChildProcess | undefined;
  let idle: NodeJS.Timeout | undefined;
  let lastTurn: Promise<unknown> = Promise.resolve();

  async function takeTurn(request: KeyringRequest, timeoutMs: number): Promise<KeyringAnswer> {
    clearTimeout(idle);
    const asked = child?.connected ? child : await start();
    // A helper that fails is not asked again.
    child = undefined;
    const { answer, error } = await exchange(
      asked,
      { folders: moduleFolders(), service, account, ...request },
      timeoutMs,
    );
    child = asked;
    idle = unref(setTimeout(() => asked.disconnect(), idleMs));
    if (error) throw Object.assign(new Error(error.message), { code: error.code });
    return answer;
  }

  return (request, timeoutMs) => {
    const turn = lastTurn.then(() => takeTurn(request, timeoutMs));
    lastTurn = turn.catch(() => undefined);
    return turn;
  };
}

/** Starts the process; it does not keep this one alive. */
async function start(): Promise<ChildProcess> {
  if (process.env[marker]) throw new Error('it takes Node, and this program is something else');
  const { spawn } = await import('node:child_process');
  const child = spawn(process.execPath, ['--eval', program], {
    env: { ...process.env, [marker]: '1', ELECTRON_RUN_AS_NODE: '1' },
    stdio: ['pipe', 'ignore', 'ignore', 'ipc'],
    windowsHide: true,
  });
  // The request under way reports its failures.
  child.on('error', () => undefined);
  child.stdin?.on('error', () => undefined);
  for (const handle of [child, child.stdin as Socket | null, child.channel]) handle?.unref();
  return child;
}

/** Sends a request and keeps this process alive until the answer; ends the helper if none comes. */
async function exchange(child: ChildProcess, request: object, timeoutMs: number): Promise<Message> {
  const end = (): void => void child.kill('SIGKILL');
  const forgetOnExit = onProcessExit(end);

  const ask = (): Promise<Message> =>
    new Promise((resolve, reject) => {
      const fail = (error: unknown): void =>
        reject(error instanceof Error ? error : new Error('the process that asks it ended'));
      child.once('error', fail).once('exit', fail);
      child.once('message', (message) => {
        child.off('error', fail).off('exit', fail);
        resolve(message as Message);
      });
      child.send(request, (error) => error && fail(error));
    });

  try {
    return await keepingAlive(withTimeout(timeoutMs, new AbortController().signal, ask));
  } catch (error) {
    end();
    throw error;
  } finally {
    forgetOnExit();
  }
}
