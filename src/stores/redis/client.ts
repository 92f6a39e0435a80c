import { askThrough, type Connectable } from './connection.js';

/**
 * What the store uses of a client: one of node-redis (`redis` 5 and 6) or ioredis (5 and 6), for a single
 * server or a cluster.
 */
export interface RedisClient {
  get(key: string): Promise<unknown>;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the clients take keys and arguments each in their own way
  eval(script: string, ...rest: any[]): Promise<unknown>;
  duplicate(): unknown;
}

/** What the store asks of Redis, whichever the client. */
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
   * Subscribes to a channel with a connection of its own. `onMessage` is also called once it listens;
   * `onFailure` when it never will. Returns what closes the connection.
   */
  subscribe(
    channel: string,
    onMessage: () => void,
    onFailure: (error: unknown) => void,
  ): () => void;
}

type Listener = () => void;

interface NodeRedis extends RedisClient {
  eval(script: string, parts: { keys: string[]; arguments: string[] }): Promise<unknown>;
  duplicate(): NodeRedisSubscriber;
}

interface NodeRedisSubscriber {
  on(event: 'connect' | 'error' | 'reconnecting', listener: Listener): unknown;
  connect(): Promise<unknown>;
  subscribe(channel: string, listener: Listener): Promise<unknown>;
  /** Not there for a cluster. */
  unref?(): void;
  destroy(): void;
}

interface IoRedis extends RedisClient {
  eval(script: string, keyCount: number, ...parts: string[]): Promise<unknown>;
  duplicate(): IoRedisSubscriber;
}

interface IoRedisSubscriber {
  readonly status: string;
  on(event: 'error' | 'ready' | 'message', listener: Listener): unknown;
  connect(): Promise<unknown>;
  subscribe(channel: string): Promise<unknown>;
  disconnect(): void;
}

const ignore = (): void => undefined;

/** Tells whether a value looks like a client that the store can use. */
export function isRedisClient(value: unknown): value is RedisClient {
  const client = Object(value) as Record<string, unknown>;
  return ['get', 'eval', 'duplicate'].every((name) => typeof client[name] === 'function');
}

/** Adapts a client. */
export function portOf(client: RedisClient): RedisPort {
  const ask = askThrough(client as Connectable);
  const { evaluate, subscribe } =
    'defineCommand' in client ? ioRedis(client as IoRedis) : nodeRedis(client as NodeRedis);
  return {
    async get(key) {
      const reply = await ask(() => client.get(key));
      // A client may be set to answer with Buffers.
      return typeof reply === 'string' || Buffer.isBuffer(reply) ? reply.toString() : undefined;
    },
    run: (script, keys, values, onLateReply) =>
      ask(async () => answerOf(await evaluate(script, [...keys], [...values])), onLateReply),
    subscribe,
  };
}

/** A client may be set to answer with texts for numbers; one inside MULTI answers `QUEUED`. */
function answerOf(reply: unknown): number {
  if (/^(number|string|bigint)$/.test(typeof reply) && /^[012]$/.test(String(reply))) {
    return Number(reply);
  }
  const seen = typeof reply === 'string' ? reply.slice(0, 40) : typeof reply;
  throw new Error(
    `Redis did not run the script, but answered ${seen}: give the store a client that is not inside MULTI`,
  );
}

interface Ways extends Pick<RedisPort, 'subscribe'> {
  evaluate(script: string, keys: string[], values: string[]): Promise<unknown>;
}

function nodeRedis(client: NodeRedis): Ways {
  return {
    evaluate: (script, keys, values) => client.eval(script, { keys, arguments: values }),
    subscribe(channel, onMessage, onFailure) {
      const subscriber = client.duplicate();
      let hasSocket = false;
      let isClosed = false;

      /** Version 5.0 forgets a socket that it is about to open when it is destroyed: that waits for its turn. */
      function endIfClosed(): void {
        if (!isClosed) return;
        try {
          subscriber.destroy();
        } catch {
          ignore(); // It has ended already.
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
          hasSocket = true; // A cluster tells in no other way.
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

function ioRedis(client: IoRedis): Ways {
  return {
    evaluate: (script, keys, values) => client.eval(script, keys.length, ...keys, ...values),
    subscribe(channel, onMessage, onFailure) {
      const subscriber = client.duplicate();
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
