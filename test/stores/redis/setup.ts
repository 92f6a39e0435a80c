import { afterAll, beforeAll, beforeEach, describe, onTestFinished } from 'vitest';
import {
  redisStore,
  type RedisClient,
  type RedisStoreOptions,
} from '../../../src/stores/redis/index.js';
import type { StoreIdentity, StoreLease, StoreSession } from '../../../src/stores/store.js';
import { fingerprint } from '../../../src/tt/credentials.js';
import { describeWithRedis, testedClients } from '../../helpers/describe-with-redis.js';
import { connect, type ConnectOptions } from '../../helpers/redis-connect.mjs';
import { startRedis, type RedisServer } from '../../helpers/redis-server.js';

export const identity: StoreIdentity = {
  environment: 'UAT',
  baseUrl: 'https://tt.example/',
  keyFingerprint: '0123456789abcdef',
};
/** What all names of an identity share: the hash tag of Redis Cluster. */
export function tagOf({ environment, baseUrl, keyFingerprint }: StoreIdentity): string {
  return `{${fingerprint(environment, baseUrl, keyFingerprint)}}`;
}
export const tag = tagOf(identity);

/** A text is of use for an hour. */
export const hour = { lifeMs: 3_600_000 };

/** Takes a lock that must be free. */
export async function leaseOf(
  session: StoreSession,
  onTakeover?: (state: string) => void,
): Promise<StoreLease> {
  const lease = await session.acquire(onTakeover);
  if (!lease) throw new Error('the lock is not free');
  return lease;
}

/** A client of this test, closed after it. */
export async function clientOf(options: ConnectOptions): Promise<RedisClient> {
  const { client, close } = await connect(options);
  onTestFinished(close);
  return client;
}

/** What a test over one client works with. */
export interface RedisBench {
  readonly from: ConnectOptions['from'];
  readonly server: RedisServer;
  /** A session on keys of this test's own, with a client of its own unless one is given. */
  openOne(options?: Partial<RedisStoreOptions & ConnectOptions>): Promise<StoreSession>;
  /** The prefix of this test's keys. */
  readonly prefix: string;
  /** The full name of a key of this test. */
  key(name: string): string;
  command(...parts: string[]): Promise<unknown>;
}

/** Describes the store through each of the four clients; all tests share one server. */
export function describeOverRedis(name: string, define: (bench: RedisBench) => void): void {
  describeWithRedis(name, () => {
    let server: RedisServer;
    let tests = 0;
    beforeAll(async () => {
      server = await startRedis();
    });
    beforeEach(() => {
      tests++;
    });
    afterAll(() => server.stop());

    describe.each(testedClients)('through %s', (from) => {
      const bench: RedisBench = {
        from,
        get server() {
          return server;
        },
        get prefix() {
          return `t${tests}`;
        },
        async openOne({ client: given, keyPrefix = bench.prefix, ...connection } = {}) {
          const client = given ?? (await clientOf({ from, port: server.port, ...connection }));
          return redisStore({ client, keyPrefix }).open(identity);
        },
        key: (part) => `${bench.prefix}:${tag}:${part}`,
        command: (...parts) => server.command(...parts),
      };
      define(bench);
    });
  });
}
