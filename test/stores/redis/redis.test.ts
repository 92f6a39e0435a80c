import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  redisStore,
  type RedisClient,
  type RedisStoreOptions,
} from '../../../src/stores/redis/index.js';
import { describeWithRedis, testedClients } from '../../helpers/describe-with-redis.js';
import { startRedisCluster, type RedisServer } from '../../helpers/redis-server.js';
import type { StoreIdentity } from '../../../src/stores/store.js';
import { clientOf, describeOverRedis, identity, tag, tagOf } from './setup.js';
import { itKeepsTheStoreContract } from '../store-contract.js';

const holder = fileURLToPath(new URL('holds-lease.mjs', import.meta.url));

describeOverRedis('a store in Redis', (bench) => {
  const keyPrefix = 'checks';

  /** Another process takes the lease and is killed. */
  async function leaveDeadHolder(of: StoreIdentity): Promise<void> {
    const redis = { from: bench.from, port: bench.server.port };
    const child = fork(holder, [JSON.stringify({ redis, keyPrefix, identity: of })], {
      execArgv: [],
    });
    const gone = once(child, 'exit');
    await once(child, 'message');
    child.kill('SIGKILL');
    await gone;
  }

  itKeepsTheStoreContract(
    async () => {
      const client = await clientOf({ from: bench.from, port: bench.server.port });
      return redisStore({ client, keyPrefix });
    },
    {
      leaveDeadHolder,
      deadHolderCostsMs: 3_000,
      breakLease: (of) => bench.command('del', `${keyPrefix}:${tagOf(of)}:lease`),
    },
  );
});

describeWithRedis('a store in a Redis cluster', () => {
  let cluster: RedisServer;
  beforeAll(async () => {
    cluster = await startRedisCluster();
  });
  afterAll(() => cluster.stop());

  describe.each(testedClients)('through %s', (from) => {
    itKeepsTheStoreContract(async () => {
      const client = await clientOf({ from, port: cluster.port, isCluster: true });
      return redisStore({ client });
    });
  });
});

describe('redisStore', () => {
  const ask = (): Promise<null> => Promise.resolve(null);
  const client: RedisClient = { get: ask, eval: ask };

  it.each([
    ['client', undefined, TypeError],
    ['client', null, TypeError],
    ['client', client, TypeError],
    ['client', 'redis://localhost', TypeError],
    ['client', {}, TypeError],
    ['client', { client: {} }, TypeError],
    ['client', { client: null }, TypeError],
    ['client', { client: 'redis://localhost' }, TypeError],
    ['keyPrefix', { client, keyPrefix: 7 }, TypeError],
    ['keyPrefix', { client, keyPrefix: '' }, RangeError],
    ['keyPrefix', { client, keyPrefix: 'a b' }, RangeError],
    ['keyPrefix', { client, keyPrefix: '{}' }, RangeError],
  ])('refuses a wrong %s: %j', (name, options, kind) => {
    const create = (): unknown => redisStore(options as unknown as RedisStoreOptions);
    expect(create).toThrow(kind);
    expect(create).toThrow(new RegExp(`^${name} must `));
  });

  it('names an option that it does not know', () => {
    const options = { client, encryptionKey: 'above the stores' };
    expect(() => redisStore(options)).toThrow(/encryptionKey/);
  });

  it('asks Redis nothing before it is used, and takes undefined for the default', async () => {
    const asked: string[] = [];
    const get = (key: string): Promise<null> => {
      asked.push(key);
      return Promise.resolve(null);
    };
    const options = { client: { ...client, get }, keyPrefix: undefined };
    const session = redisStore(options).open(identity);
    expect(asked).toEqual([]);
    expect(await session.read()).toBeUndefined();
    expect(asked).toEqual([`tt-token:${tag}:record`]);
  });
});
