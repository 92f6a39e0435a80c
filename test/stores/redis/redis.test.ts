import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  redisStore,
  type RedisClient,
  type RedisStoreOptions,
} from '../../../src/stores/redis/index.js';
import { describeWithRedis, testedClients } from '../../helpers/describe-with-redis.js';
import { startRedisCluster, type RedisServer } from '../../helpers/redis-server.js';
import { clientOf, describeOverRedis, identity, recordOf, tag } from './setup.js';
import { itKeepsTheStoreContract } from '../store-contract.js';

describeOverRedis('a store in Redis', (bench) => {
  describe.each([
    ['plain', {}],
    ['encrypted', { encryptionKey: randomBytes(32) }],
  ])('%s', (_, options) => {
    itKeepsTheStoreContract(async () => {
      const client = await clientOf({ from: bench.from, port: bench.server.port });
      return { open: () => redisStore({ client, keyPrefix: bench.prefix, ...options }) };
    });
  });
});

describeWithRedis('a store in a Redis cluster', () => {
  let cluster: RedisServer;
  let tests = 0;
  beforeAll(async () => {
    cluster = await startRedisCluster();
  });
  afterAll(() => cluster.stop());

  describe.each(testedClients)('through %s', (from) => {
    itKeepsTheStoreContract(async () => {
      const client = await clientOf({ from, port: cluster.port, isCluster: true });
      const keyPrefix = `t${++tests}`;
      return { open: () => redisStore({ client, keyPrefix }) };
    });
  });
});

describe('redisStore', () => {
  const ask = (): Promise<null> => Promise.resolve(null);
  const client: RedisClient = { get: ask, eval: ask, duplicate: () => undefined };

  it.each([
    ['client', { client: {} }, TypeError],
    ['client', { client: null }, TypeError],
    ['client', { client: 'redis://localhost' }, TypeError],
    ['keyPrefix', { client, keyPrefix: 7 }, TypeError],
    ['keyPrefix', { client, keyPrefix: '' }, RangeError],
    ['keyPrefix', { client, keyPrefix: 'a b' }, RangeError],
    ['keyPrefix', { client, keyPrefix: '{}' }, RangeError],
    ['encryptionKey', { client, encryptionKey: 7 }, TypeError],
    ['encryptionKey', { client, encryptionKey: 'too short' }, RangeError],
  ])('refuses a wrong %s: %j', (name, options, kind) => {
    const create = (): unknown => redisStore(options as unknown as RedisStoreOptions);
    expect(create).toThrow(kind);
    expect(create).toThrow(new RegExp(`^${name} `));
  });

  it('leaves no timer behind a watch for which there is no second connection', () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const duplicate = (): never => {
      throw new Error('no more connections');
    };
    const session = redisStore({ client: { ...client, duplicate } }).open(identity);
    expect(() => session.watch()).toThrow('no more connections');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('gives a write without a lease up where others keep replacing the record', async () => {
    const refuse = vi.fn(() => Promise.resolve(0));
    const session = redisStore({ client: { ...client, eval: refuse } }).open(identity);
    await expect(session.write(recordOf('never'))).rejects.toThrow('others kept replacing');
    expect(refuse).toHaveBeenCalledTimes(10);
  });

  it('asks Redis nothing before it is used, and takes undefined for the default', async () => {
    const asked: string[] = [];
    const get = (key: string): Promise<null> => {
      asked.push(key);
      return Promise.resolve(null);
    };
    const options = { client: { ...client, get }, keyPrefix: undefined, encryptionKey: undefined };
    const session = redisStore(options).open(identity);
    expect(asked).toEqual([]);
    expect(await session.read()).toBeUndefined();
    expect(asked).toEqual([`tt-token:${tag}:record`]);
  });
});
