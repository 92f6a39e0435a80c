import { randomUUID } from 'node:crypto';
import { unref } from '../../base/timers.js';
import type { RedisPort } from './client.js';
import type { StoreLease, StoreWriteOptions } from '../store.js';

/*
 * The refresh lock in Redis: a key that holds a random owner and expires by itself.
 *
 * 1. Every script compares the owner first: a holder that comes back late (frozen, cut off, its event loop
 *    blocked) neither renews, nor releases, nor writes. That costs one more token request.
 * 2. After a holder's death, the others wait for the rest of the lease.
 * 3. Every script may run twice, or late: clients send commands again after they have lost a connection.
 * 4. The lease of a dead holder expires unseen. A second key, which only the release removes, shows it to the
 *    next holder.
 */

const leaseMs = 1_500;
const renewEveryMs = 300;
const rememberOwnerMs = 600_000;

/** The keys of one identity. */
export interface RedisNames {
  readonly record: string;
  /** The id of the holder. */
  readonly lease: string;
  /** The id of the last holder, until it gives the lease back. */
  readonly owner: string;
}

const acquireScript = `-- lease, owner; id, lease ms, remember ms
if redis.call('get', KEYS[1]) == ARGV[1] then return 1 end
if not redis.call('set', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return 0 end
local before = redis.call('get', KEYS[2])
redis.pcall('set', KEYS[2], ARGV[1], 'PX', ARGV[3])
return before and 2 or 1`;

const renewScript = `-- lease; id, lease ms
if redis.call('get', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('pexpire', KEYS[1], ARGV[2])`;

const releaseScript = `-- lease, owner; id
if redis.call('get', KEYS[2]) == ARGV[1] then redis.call('del', KEYS[2]) end
if redis.call('get', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('del', KEYS[1])
return 1`;

const writeScript = `-- lease, record; id, text, life ms
if redis.call('get', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('set', KEYS[2], ARGV[2], 'PX', ARGV[3])
return 1`;

const replaceScript = `-- record; text, life ms
redis.call('set', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`;

/** Replaces the text. */
export async function replaceText(
  redis: RedisPort,
  { record }: RedisNames,
  text: string,
  { lifeMs }: StoreWriteOptions,
): Promise<void> {
  await redis.run(replaceScript, [record], [text, String(lifeMs)]);
}

/** Takes the lease if it is free; undefined while somebody holds it. */
export async function acquireRedisLease(
  redis: RedisPort,
  { record, lease, owner }: RedisNames,
  onTakeover?: (ownerState: 'silent') => void,
): Promise<StoreLease | undefined> {
  const id = randomUUID();
  const giveBack = (): Promise<number> => redis.run(releaseScript, [lease, owner], [id]);
  const taken = await redis.run(
    acquireScript,
    [lease, owner],
    [id, String(leaseMs), String(rememberOwnerMs)],
    () => void giveBack().catch(() => undefined),
  );
  if (taken === 0) return undefined;
  if (taken === 2) onTakeover?.('silent');

  let renewalFailure: unknown;
  let isRenewing = false;
  async function renew(): Promise<void> {
    if (isRenewing) return;
    isRenewing = true;
    try {
      const held = await redis.run(renewScript, [lease], [id, String(leaseMs)]);
      if (held === 0) clearInterval(renewing);
    } catch (error) {
      renewalFailure ??= error;
    } finally {
      isRenewing = false;
    }
  }
  const renewing = unref(setInterval(() => void renew(), renewEveryMs));

  return {
    async write(text, { lifeMs }) {
      const values = [id, text, String(lifeMs)];
      return (await redis.run(writeScript, [lease, record], values)) === 1;
    },
    /** Rejects where a renewal failed: the lease was given back, but may have been another's for a while. */
    async release() {
      clearInterval(renewing);
      await giveBack();
      if (renewalFailure === undefined) return;
      const failure = renewalFailure as NodeJS.ErrnoException;
      renewalFailure = undefined;
      throw Object.assign(new Error(`the lease could not be renewed: ${failure.message}`), {
        code: failure.code,
      });
    },
  };
}
