import { knownNames } from '../../base/checks.js';
import { fingerprint } from '../../tt/credentials.js';
import { keySource, type EncryptionKey, type KeySource } from '../../records/key.js';
import { recordFormat, type RecordFormat } from '../../records/format.js';
import { isAhead, lifeMs, readRecord, type StoredRecord } from '../../records/record.js';
import type { StoreIdentity } from '../store.js';
import { isRedisClient, portOf, type RedisClient, type RedisPort } from './client.js';
import {
  acquireRedisLease,
  replaceIfUnchanged,
  type RedisNames,
  type StoredText,
} from './lease.js';
import { watchRedis } from './watch.js';
import type { StoreSession, TokenStore } from '../store.js';

export type { EncryptionKey } from '../../records/key.js';
export type { RedisClient } from './client.js';

/** Options of {@link redisStore}. */
export interface RedisStoreOptions {
  /**
   * A client of `redis` or `ioredis`, version 5 or 6; it stays yours: connect it, listen to its errors, close
   * it. Managers that wait for another's refresh share a second connection, made with `client.duplicate()`.
   */
  readonly client: RedisClient;
  /** What all key and channel names begin with. @default 'tt-token' */
  readonly keyPrefix?: string | undefined;
  /**
   * Encrypts the record with AES-256-GCM, bound to environment, base URL and app key. A record that is plain,
   * changed, or encrypted with another key counts as none and is replaced at the next refresh.
   * @default undefined: the record is plain
   */
  readonly encryptionKey?: EncryptionKey | undefined;
}

const mostConflicts = 10;
const longestRecord = 1_048_576;

/**
 * Creates the store that processes share over Redis, on whatever hosts they run.
 * @throws TypeError or RangeError that names a wrong option.
 */
export function redisStore(options: RedisStoreOptions): TokenStore {
  knownNames(options, ['client', 'keyPrefix', 'encryptionKey']);
  const { client, keyPrefix, encryptionKey } = options;
  if (!isRedisClient(client)) {
    throw new TypeError('client must be a client of redis or ioredis, version 5 or 6');
  }
  const prefix = checkPrefix(keyPrefix ?? 'tt-token');
  const key = encryptionKey === undefined ? undefined : keySource(encryptionKey);
  const redis = portOf(client);

  return {
    open(identity) {
      const format = recordFormat('the record in Redis', key, identity);
      const parse = async (text: string): Promise<unknown> =>
        text.length > longestRecord ? undefined : format.parse(text);
      const names = namesFor(prefix, identity);
      return openSession(redis, names, { ...format, parse }, identity, key);
    },
  };
}

function openSession(
  redis: RedisPort,
  names: RedisNames,
  format: RecordFormat,
  identity: StoreIdentity,
  key: KeySource | undefined,
): StoreSession {
  async function toText(record: StoredRecord): Promise<StoredText> {
    return { text: await format.serialize(record), lifeMs: lifeMs(record, Date.now()) };
  }

  /** Returns whether a stored text holds a newer token than a record. */
  async function isNewer(text: string | undefined, record: StoredRecord): Promise<boolean> {
    if (text === undefined) return false;
    const raw = await format.parse(text).catch(() => undefined);
    const stored = readRecord(raw, identity, Date.now());
    return stored !== undefined && isAhead(stored, record);
  }

  return {
    async read() {
      const text = await redis.get(names.record);
      return text === undefined ? undefined : format.parse(text);
    },
    // No lease protects it, and a client may send it late: it only replaces the text that it has seen.
    async write(record) {
      const next = await toText(record);
      for (let conflicts = 0; conflicts < mostConflicts; conflicts++) {
        const before = await redis.get(names.record);
        if (await isNewer(before, record)) return;
        if (await replaceIfUnchanged(redis, names, before, next)) return;
      }
      throw new Error('others kept replacing the record');
    },
    async acquire(onTakeover) {
      // The lease is of use only to those who can read what its holder writes.
      await key?.known();
      return acquireRedisLease(redis, names, toText, onTakeover);
    },
    watch: () => watchRedis(redis, names.channel),
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
    channel: `${tag}:changed`,
  };
}

function checkPrefix(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError('keyPrefix must be a string');
  if (!/^[\x21-\x7e]+$/.test(value) || /[{}]/.test(value)) {
    throw new RangeError('keyPrefix must hold printable ASCII without spaces and braces');
  }
  return value;
}
