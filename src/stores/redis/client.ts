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
  /** Runs a Lua script that answers with a number. */
  run(script: string, keys: readonly string[], values: readonly string[]): Promise<number>;
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
  readonly isReady?: boolean;
  on(event: 'error' | 'ready', listener: Listener): unknown;
  connect(): Promise<unknown>;
  subscribe(channel: string, listener: Listener): Promise<unknown>;
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
  const port =
    'defineCommand' in client ? ioRedis(client as IoRedis) : nodeRedis(client as NodeRedis);
  return {
    ...port,
    async get(key) {
      const text = await client.get(key);
      // A client may be set to answer with Buffers.
      return typeof text === 'string' || Buffer.isBuffer(text) ? text.toString() : undefined;
    },
  };
}

type Ways = Pick<RedisPort, 'run' | 'subscribe'>;

function nodeRedis(client: NodeRedis): Ways {
  return {
    run: async (script, keys, values) =>
      Number(await client.eval(script, { keys: [...keys], arguments: [...values] })),
    subscribe(channel, onMessage, onFailure) {
      const subscriber = client.duplicate();
      let isConnected = false;
      let isClosed = false;

      /** Destroyed in the middle of its connecting, a client of version 5.0 leaves the connection open. */
      function endIfClosed(): void {
        if (!isClosed) return;
        try {
          subscriber.destroy();
        } catch {
          ignore(); // It has given up by itself.
        }
      }

      subscriber.on('error', endIfClosed);
      subscriber.on('ready', endIfClosed);
      subscriber
        .connect()
        .then(() => {
          isConnected = true;
          endIfClosed();
          return subscriber.subscribe(channel, onMessage);
        })
        .then(onMessage)
        .catch((error: unknown) => isClosed || onFailure(error));

      return () => {
        isClosed = true;
        if (isConnected && subscriber.isReady !== false) endIfClosed();
      };
    },
  };
}

function ioRedis(client: IoRedis): Ways {
  return {
    run: async (script, keys, values) =>
      Number(await client.eval(script, keys.length, ...keys, ...values)),
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
