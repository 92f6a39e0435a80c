import { askThrough, type Connectable } from './connection.js';

/** A client of node-redis (`redis` 5 and 6) or ioredis (5 and 6), for a single server or a cluster. */
export interface RedisClient {
  /** Reads a text. */
  get(key: string): Promise<unknown>;
  /** Runs a Lua script. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the clients take keys and arguments each in their own way
  eval(script: string, ...rest: any[]): Promise<unknown>;
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
}

/** Returns whether a value looks like a client that the store can use. */
export function isRedisClient(value: unknown): value is RedisClient {
  const client = Object(value) as Record<string, unknown>;
  return ['get', 'eval'].every((name) => typeof client[name] === 'function');
}

/** Adapts a client. */
export function portOf(client: RedisClient): RedisPort {
  const ask = askThrough(client as Connectable);
  const isIoRedis = 'defineCommand' in client;
  return {
    async get(key) {
      const reply = await ask(() => client.get(key));
      // A client may be set to answer with Buffers.
      return typeof reply === 'string' || Buffer.isBuffer(reply) ? reply.toString() : undefined;
    },
    run(script, keys, values, onLateReply) {
      const given = isIoRedis
        ? [keys.length, ...keys, ...values]
        : [{ keys, arguments: [...values] }];
      const run = (): Promise<unknown> => client.eval(script, ...given);
      return ask(async () => answerOf(await run()), onLateReply);
    },
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
