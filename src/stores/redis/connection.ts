import { errorMonitor } from 'node:events';
import { unref } from '../../base/timers.js';

/*
 * How a command waits for the connection of its client. Whoever calls the store limits the time of the answer.
 *
 * 1. A client that is connecting is waited for, with or without an offline queue: 4.5 s, or 1 s if it has
 *    reported an error meanwhile. Then the command fails with the client's last error.
 * 2. After that, commands fail at once until the client is ready: an outage costs this time once.
 * 3. The client's errors are observed only while a command waits; handling them stays the user's part.
 * 4. Time is counted in ticks: a blocked event loop, or a frozen process, counts as one.
 */

const tickMs = 100;
const silentTicks = 45;
const failingTicks = 10;

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

/** Creates the function that sends all commands of a client. */
export function askThrough(client: Connectable): Ask {
  let outage: Error | undefined;

  return (command, onLateReply) =>
    new Promise((resolve, reject) => {
      let lastError: unknown;
      let isSent = false;
      let isOver = false;
      let ticks = 0;

      if (!isConnecting(client)) outage = undefined;
      if (outage) {
        reject(outage);
        return;
      }
      // With an offline queue, its first command would do the same.
      if (client.status === 'wait') client.connect?.().catch(() => undefined);

      const stopObserving = observe(client, (error) => {
        lastError = error;
        sendIfConnected();
      });
      const clock = unref(
        setInterval(() => {
          sendIfConnected();
          ticks = isConnecting(client) ? ticks + 1 : 0;
          if (ticks < (lastError === undefined ? silentTicks : failingTicks)) return;
          const unknown = `the Redis client has not connected within ${ticks * tickMs} ms: see its address and network`;
          outage = failureOf(lastError ?? new Error(unknown));
          end();
          reject(outage);
        }, tickMs),
      );

      function end(): void {
        isOver = true;
        clearInterval(clock);
        stopObserving();
      }

      function sendIfConnected(): void {
        if (isSent || isConnecting(client)) return;
        isSent = true;
        command().then(
          (reply) => {
            if (isOver) return onLateReply?.(reply);
            end();
            resolve(reply);
          },
          (error: unknown) => {
            end();
            reject(failureOf(lastError ?? error));
          },
        );
      }

      sendIfConnected();
    });
}

/** Returns whether a client is connecting, for the first time or again. */
function isConnecting({ status, isOpen, isReady }: Connectable): boolean {
  if (status !== undefined) return !['ready', 'monitoring', 'end'].includes(status);
  return isOpen === true && isReady === false;
}

type Observer = (error?: unknown) => void;

/** The observers of one client, behind its only listeners: Node warns of a leak at eleven. */
interface Observers {
  readonly all: Set<Observer>;
  stop(): void;
}

const observersOf = new WeakMap<Connectable, Observers>();

/** Calls back with each error of a client, and without one when it is ready; returns what ends that. */
function observe(client: Connectable, observer: Observer): () => void {
  const observers = observersOf.get(client) ?? listenTo(client);
  observers.all.add(observer);
  return () => {
    if (observers.all.delete(observer) && observers.all.size === 0) observers.stop();
  };
}

function listenTo(client: Connectable): Observers {
  const all = new Set<Observer>();
  const failed = (error: unknown): void => all.forEach((observer) => observer(error));
  const ready = (): void => all.forEach((observer) => observer());
  // With node-redis, an error without a listener still ends the program. ioredis prints it, and emits none.
  const errorEvent = client.status === undefined ? errorMonitor : 'error';
  client.on?.(errorEvent, failed);
  client.on?.('ready', ready);
  const observers = {
    all,
    stop() {
      client.off?.(errorEvent, failed);
      client.off?.('ready', ready);
      observersOf.delete(client);
    },
  };
  observersOf.set(client, observers);
  return observers;
}

/** Copies message and code of an error: ioredis adds the command, and with it the record. */
function failureOf(error: unknown): Error {
  const { message, code } = error as NodeJS.ErrnoException;
  const word = code ?? /^[A-Z]{2,}\b/.exec(message)?.[0];
  return Object.assign(new Error(message || word), word && { code: word });
}
