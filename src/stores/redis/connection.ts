import { errorMonitor } from 'node:events';
import { orAborted, reasonOf, throwIfAborted } from '../../base/abort.js';
import { afterRunning } from '../../base/running-time.js';

/*
 * How a command waits for the connection of its client. Whoever calls the store limits the time of the answer.
 *
 * 1. A client that is connecting is waited for, with or without an offline queue: 4.5 s, or 1 s once it has
 *    reported an error. Then the commands fail with the client's last error.
 * 2. After that, commands fail at once until the client is ready: an outage costs this time once.
 * 3. The client is listened to only while a command is under way; handling its errors stays the user's part.
 */

const silentMs = 4_500;
const failingMs = 1_000;

/** The state of a client's connection: `status` of ioredis, `isOpen` and `isReady` of node-redis. */
export interface Connectable {
  readonly status?: string;
  readonly isOpen?: boolean;
  readonly isReady?: boolean;
  connect?(): Promise<unknown>;
  on?(event: string | symbol, listener: (error?: unknown) => void): unknown;
  off?(event: string | symbol, listener: (error?: unknown) => void): unknown;
}

/** Sends a command when there is a connection; a reply after the command has failed is late. */
export type Ask = <Reply>(
  command: () => Promise<Reply>,
  onLateReply?: (reply: Reply) => void,
) => Promise<Reply>;

/** One for each client, whatever the number of stores on it: Node warns of a leak at eleven listeners. */
const asks = new WeakMap<Connectable, Ask>();

/** Returns the function that sends all commands of a client. */
export function askThrough(client: Connectable): Ask {
  const ask = asks.get(client) ?? createAsk(client);
  asks.set(client, ask);
  return ask;
}

function createAsk(client: Connectable): Ask {
  let outage: Error | undefined;
  let watched: Connection | undefined;
  let underWay = 0;

  return async (command, onLateReply) => {
    if (!isConnecting(client)) outage = undefined;
    if (outage) throw outage;
    // With an offline queue, its first command would do the same.
    if (client.status === 'wait') client.connect?.().catch(() => undefined);

    const connection = (watched ??= watch(client));
    underWay++;
    const reply = connection.ready.then(() => {
      throwIfAborted(connection.lost);
      return command();
    });
    try {
      return await orAborted(reply, connection.lost);
    } catch (error) {
      if (connection.lost.aborted) {
        outage = reasonOf(connection.lost);
        reply.then(onLateReply, () => undefined);
      }
      throw failureOf(connection.lastError() ?? error);
    } finally {
      underWay--;
      if (underWay === 0) {
        connection.stop();
        watched = undefined;
      }
    }
  };
}

/** The connection of a client, as it is while commands are under way. */
interface Connection {
  /** Resolves when commands may be sent. */
  readonly ready: Promise<void>;
  /** Aborted, with the reason, when the client has not connected in time. */
  readonly lost: AbortSignal;
  /** What the client has reported since it was ready. */
  lastError(): unknown;
  stop(): void;
}

function watch(client: Connectable): Connection {
  const loss = new AbortController();
  let markReady!: () => void;
  const ready = new Promise<void>((resolve) => (markReady = resolve));
  let lastError: unknown;
  let stopCounting = (): void => undefined;

  function expectWithin(limitMs: number): void {
    stopCounting();
    const unknown = `the Redis client has not connected within ${limitMs} ms: see its address and network`;
    stopCounting = afterRunning(limitMs, () => {
      if (isConnecting(client)) loss.abort(failureOf(lastError ?? new Error(unknown)));
      // A client that has been closed says so itself.
      else markReady();
    });
  }
  function onError(error: unknown): void {
    if (lastError === undefined && isConnecting(client)) expectWithin(failingMs);
    lastError = error;
  }
  function onReady(): void {
    lastError = undefined;
    stopCounting();
    markReady();
  }

  // With node-redis, an error without a listener still ends the program. ioredis prints it, and emits none.
  const errorEvent = client.status === undefined ? errorMonitor : 'error';
  client.on?.(errorEvent, onError);
  client.on?.('ready', onReady);
  if (isConnecting(client)) expectWithin(silentMs);
  else markReady();

  return {
    ready,
    lost: loss.signal,
    lastError: () => lastError,
    stop() {
      stopCounting();
      client.off?.(errorEvent, onError);
      client.off?.('ready', onReady);
    },
  };
}

/** Returns whether a client is connecting, for the first time or again. */
function isConnecting({ status, isOpen, isReady }: Connectable): boolean {
  if (status !== undefined) return !['ready', 'monitoring', 'end'].includes(status);
  return isOpen === true && isReady === false;
}

/** Copies message and code of an error: ioredis adds the command, and with it the text. */
function failureOf(error: unknown): Error {
  const { message, code } = error as NodeJS.ErrnoException;
  const word = code ?? /^[A-Z]{2,}\b/.exec(message)?.[0];
  return Object.assign(new Error(message || word), word && { code: word });
}
