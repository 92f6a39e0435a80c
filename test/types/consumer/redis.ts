import { Cluster, Redis } from 'ioredis';
import type { Pipeline as OldestPipeline } from 'ioredis-oldest';
import { createClient, createCluster } from 'redis';
import { createClient as createOldestClient } from 'redis-oldest';
import type { TokenStore } from 'tt-token-manager';
import { redisStore, type RedisClient, type RedisStoreOptions } from 'tt-token-manager/redis';

/** Every client fits as it is, whatever its version and form. */
export const clients: readonly RedisClient[] = [
  createClient(),
  createOldestClient(),
  createCluster({ rootNodes: [] }),
  new Redis(),
  new Cluster([]),
];
/** Single server or cluster: a name for it that ES modules and CommonJS share. */
export const oldest = (client: OldestPipeline['redis']): RedisClient => client;
export const store: TokenStore = redisStore({ client: createClient() });

export const options: RedisStoreOptions = { client: new Redis(), keyPrefix: 'x' };

// @ts-expect-error: a URL is no client
redisStore({ client: 'redis://localhost' });
