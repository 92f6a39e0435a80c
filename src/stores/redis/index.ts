import { knownNames } from '../../base/checks.js';
import { fingerprint } from '../../tt/credentials.js';
import type { StoreIdentity, TokenStore } from '../store.js';
import { isRedisClient, portOf, type RedisClient } from './client.js';
import { acquireRedisLease, replaceText, type RedisNames } from './lease.js';

export type { RedisClient } from './client.js';

/** Options of {@link redisStore}. */
export interface RedisStoreOptions {
  /** A client of `redis` or `ioredis`, version 5 or 6; it stays yours: connect it, listen to its errors, close it. */
  readonly client: RedisClient;
  /** What all key names begin with. @default 'tt-token' */
  readonly keyPrefix?: string | undefined;
}

/**
 * Creates the store that processes share over Redis, on whatever hosts they run.
 * @throws TypeError or RangeError that names a wrong option.
 */
export function redisStore(options: RedisStoreOptions): TokenStore {
  const given: unknown = options;
  if (typeof given !== 'object' || given === null || isRedisClient(given)) {
    throw new TypeError(
      'client must be given in an object: redisStore({ client }), a client of redis or ioredis',
    );
  }
  knownNames(options, ['client', 'keyPrefix']);
  const { client, keyPrefix } = options;
  if (!isRedisClient(client)) {
    throw new TypeError('client must be a client of redis or ioredis, version 5 or 6');
  }
  const prefix = checkPrefix(keyPrefix ?? 'tt-token');
  const redis = portOf(client);

  return {
    open(identity) {
      const names = namesFor(prefix, identity);
      return {
        read: () => redis.get(names.record),
        write: (text, options) => replaceText(redis, names, text, options),
        acquire: (onTakeover) => acquireRedisLease(redis, names, onTakeover),
      };
    },
  };
}

/** The names of an identity: its keys lie in one slot of a cluster, and none shows a secret. */
function namesFor(
  prefix: string,
  { environment, baseUrl, keyFingerprint }: StoreIdentity,
): RedisNames {
  const tag = `${prefix}:{${fingerprint(environment, baseUrl, keyFingerprint)}}`;
  return {
    record: `${tag}:record`,
    lease: `${tag}:lease`,
    owner: `${tag}:owner`,
  };
}

function checkPrefix(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError('keyPrefix must be a string');
  if (!/^[\x21-\x7e]+$/.test(value) || /[{}]/.test(value)) {
    throw new RangeError('keyPrefix must hold printable ASCII without spaces and braces');
  }
  return value;
}
