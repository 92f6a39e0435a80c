import { askThrough, type Connectable } from './connection.js';
import { sharedSubscription } from './shared-subscription.js';

/** A client of node-redis (`redis` 5 and 6) or ioredis (5 and 6), for a single server or a cluster. */
export interface RedisClient {
  /** Reads a text. */
  get(key: string): Promise<unknown>;
  /** Runs a Lua script. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the clients take keys and arguments each in their own way
  eval(script: string, ...rest: any[]): Promise<unknown>;
  /** Makes a client of the same settings, for a subscription. */
  duplicate(): unknown;
}

/** The commands that the store needs, the same for all clients. */
export interface RedisPort {
  /** The text under a key; undefined where there is none. */
  get(key: string): Promise<string | undefined>;
  /** Runs a Lua script that answers 0, 1 or 2; an answer that comes after a failure goes to `onLateReply`. */
  run(
    script: string,
    keys: readonly string[],
    values: readonly string[],
    onLateReply?: (reply: number) => void,
  ): Promise<number>;
  /**
   * Subscribes to a channel with a connection that all share who wait on it. `onMessage` is also called when it
   * begins to listen; `onFailure` when it never will. Returns what ends the wait, and the connection with the last.
   */
  subscribe(
    channel: string,
    onMessage: () => void,
    onFailure: (error: unknown) => void,
  ): () => void;
}

type Listener = () => void;

interface NodeRedisSubscriber {
  on(event: 'connect' | 'error' | 'reconnecting', listener: Listener): unknown;
  connect(): Promise<unknown>;
  subscribe(channel: string, listener: Listener): Promise<unknown>;
  /** A cluster has none. */
  unref?(): void;
  destroy(): void;
}

interface IoRedisSubscriber {
  readonly status: string;
  on(event: 'error' | 'ready' | 'message', listener: Listener): unknown;
  connect(): Promise<unknown>;
  subscribe(channel: string): Promise<unknown>;
  disconnect(): void;
}

const ignore = (): void => undefined;

/** Returns whether a value looks like a client that the store can use. */
export function isRedisClient(value: unknown): value is RedisClient {
  const client = Object(value) as Record<string, unknown>;
  return ['get', 'eval', 'duplicate'].every((name) => typeof client[name] === 'function');
}

/** Adapts a client. */
export function portOf(client: RedisClient): RedisPort {
  const ask = askThrough(client as Connectable);
  const { argumentsOf, subscribe } =
    'defineCommand' in client ? ioRedis(client) : nodeRedis(client);
  return {
    async get(key) {
      const reply = await ask(() => client.get(key));
      // A client may be set to answer with Buffers.
      return typeof reply === 'string' || Buffer.isBuffer(reply) ? reply.toString() : undefined;
    },
    run(script, keys, values, onLateReply) {
      const run = (): Promise<unknown> => client.eval(script, ...argumentsOf(keys, values));
      return ask(async () => answerOf(await run()), onLateReply);
    },
    subscribe: sharedSubscription(client, subscribe),
  };
}

/** A client may be set to answer with texts for numbers; inside MULTI, it answers `QUEUED`. */
function answerOf(reply: unknown): number {
  if (/^(number|string|bigint)$/.test(typeof reply) && /^[012]$/.test(String(reply))) {
    return Number(reply);
  }
  const seen = typeof reply === 'string' ? reply.slice(0, 40) : typeof reply;
  throw new Error(
    `Redis did not run the script, but answered ${seen}: give the store a client that is not inside MULTI`,
  );
}

/** What differs between the clients. */
interface Dialect extends Pick<RedisPort, 'subscribe'> {
  /** The arguments of `eval` behind the script. */
  argumentsOf(keys: readonly string[], values: readonly string[]): readonly unknown[];
}

function nodeRedis(client: RedisClient): Dialect {
  return {
    argumentsOf: (keys, values) => [{ keys, arguments: values }],
    subscribe(channel, onMessage, onFailure) {
      const subscriber = client.duplicate() as NodeRedisSubscriber;
      let hasSocket = false;
      let isClosed = false;

      /** Version 5.0 leaks the socket that it is opening when it is destroyed, which has to wait for it. */
      function endIfClosed(): void {
        if (!isClosed) return;
        try {
          subscriber.destroy();
        } catch {
          // It has ended already.
        }
      }

      subscriber.unref?.();
      subscriber.on('error', endIfClosed);
      subscriber.on('connect', () => {
        hasSocket = true;
        endIfClosed();
      });
      subscriber.on('reconnecting', () => {
        hasSocket = false;
        endIfClosed();
      });
      subscriber
        .connect()
        .then(() => {
          hasSocket = true; // A cluster has no `connect` event.
          endIfClosed();
          return subscriber.subscribe(channel, onMessage);
        })
        .then(onMessage)
        .catch((error: unknown) => isClosed || onFailure(error));

      return () => {
        isClosed = true;
        if (hasSocket) endIfClosed();
      };
    },
  };
}

function ioRedis(client: RedisClient): Dialect {
  return {
    argumentsOf: (keys, values) => [keys.length, ...keys, ...values],
    subscribe(channel, onMessage, onFailure) {
      const subscriber = client.duplicate() as IoRedisSubscriber;
      let isClosed = false;
      subscriber.on('error', ignore);
      subscriber.on('message', onMessage);
      subscriber.on('ready', () => {
        subscriber
          .subscribe(channel)
          .then(onMessage, (error: unknown) => isClosed || onFailure(error));
      });
      if (subscriber.status === 'wait') subscriber.connect().catch(ignore);
      return () => {
        isClosed = true;
        subscriber.disconnect();
      };
    },
  };
}
