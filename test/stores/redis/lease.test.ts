import { randomBytes } from 'node:crypto';
import { expect, it, onTestFinished } from 'vitest';
import { redisStore, type RedisClient } from '../../../src/stores/redis/index.js';
import type { StoreSession } from '../../../src/stores/store.js';
import { connect } from '../../helpers/redis-connect.mjs';
import { startProxy } from '../../helpers/tcp-proxy.js';
import { clientOf, describeOverRedis, identity, leaseOf, recordOf } from './setup.js';

describeOverRedis('record and lease in Redis', (bench) => {
  it('keeps a record as long as its token lives, and somewhat longer', async () => {
    const session = await bench.openOne();
    await session.write(recordOf('short', 0, 60_000));
    const short = Number(await bench.command('pttl', bench.key('record')));
    const lease = await leaseOf(session);
    await lease.write(recordOf('long', 0, 86_400_000));
    await lease.release();
    expect(short).toBeGreaterThan(600_000);
    expect(short).toBeLessThanOrEqual(660_000);
    const long = Number(await bench.command('pttl', bench.key('record')));
    expect(long).toBeGreaterThan(86_400_000);
    expect(long).toBeLessThanOrEqual(87_000_000);
  });

  it('keeps its names apart by identity, in one slot each, and leaves nothing of a lease', async () => {
    const client = await clientOf({ from: bench.from, port: bench.server.port });
    const store = redisStore({ client, keyPrefix: bench.prefix });
    const other = store.open({ ...identity, environment: 'LIVE' });
    await (await leaseOf(store.open(identity))).release();
    const lease = await leaseOf(store.open(identity));
    await lease.write(recordOf('mine'));
    expect(await other.read()).toBeUndefined();
    const names = ['lease', 'owner', 'record'].map((name) => bench.key(name));
    expect(((await bench.command('keys', `${bench.prefix}:*`)) as string[]).sort()).toEqual(names);
    expect(Number(await bench.command('pttl', bench.key('lease')))).toBeLessThanOrEqual(1_500);
    await lease.release();
    expect(await bench.command('keys', `${bench.prefix}:*`)).toEqual([bench.key('record')]);
  });

  it('holds a lease for as long as its holder lives', async () => {
    const [one, other] = [await bench.openOne(), await bench.openOne()];
    const lease = await leaseOf(one);
    const until = performance.now() + 2_000;
    await expect
      .poll(
        async () => {
          expect(await other.acquire()).toBeUndefined();
          return performance.now();
        },
        { timeout: 5_000 },
      )
      .toBeGreaterThan(until);
    await lease.release();
    await (await leaseOf(other)).release();
  });

  it('neither renews nor writes under the lease of the next holder', async () => {
    const lease = await leaseOf(await bench.openOne());
    await bench.command('set', bench.key('lease'), 'the next holder', 'PX', '900');
    await expect
      .poll(() => bench.command('exists', bench.key('lease')), { timeout: 3_000 })
      .toBe(0);
    expect(await lease.write(recordOf('late'))).toBe(false);
    await lease.release();
  });

  it('reports at its release that it could not be renewed, and gives it back all the same', async () => {
    const rights = ['~*', '&*', '+@all', '-pexpire'];
    await bench.command('acl', 'setuser', bench.prefix, 'reset', 'on', '>word', ...rights);
    const session = await bench.openOne({ username: bench.prefix, password: 'word' });
    const lease = await leaseOf(session);
    const log = (): Promise<unknown> => bench.command('acl', 'log');
    await expect.poll(async () => JSON.stringify(await log())).toContain(`"${bench.prefix}"`);
    await expect(lease.release()).rejects.toMatchObject({
      code: 'ERR',
      message: expect.stringContaining('the lease could not be renewed: ') as string,
    });
    await lease.release();
    await (await leaseOf(session)).release();
  });

  it.each([null, undefined, 'QUEUED', 3, -1, 0.5, true, [1], {}, ''])(
    'takes no lease, and writes nothing, where a script is answered by %j',
    async (answer) => {
      const client = await clientOf({ from: bench.from, port: bench.server.port });
      const odd = Object.assign(Object.create(client) as RedisClient, {
        eval: () => Promise.resolve(answer),
      });
      const session = await bench.openOne({ client: odd });
      await expect(session.acquire()).rejects.toThrow('Redis did not run the script');
      await expect(session.write(recordOf('never'))).rejects.toThrow(
        'give the store a client that is not inside MULTI',
      );
    },
  );

  it('gives the lease of a holder that is gone to another, and says so', async () => {
    const { client, close } = await connect({ from: bench.from, port: bench.server.port });
    await leaseOf(redisStore({ client, keyPrefix: bench.prefix }).open(identity));
    close();
    const other = await bench.openOne();
    const takeovers: string[] = [];
    const onTakeover = (state: string): void => void takeovers.push(state);
    const startedAt = performance.now();
    let lease: Awaited<ReturnType<StoreSession['acquire']>>;
    await expect
      .poll(async () => (lease = await other.acquire(onTakeover)), { timeout: 5_000 })
      .toBeDefined();
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    expect(takeovers).toEqual(['silent']);
    await lease?.release();
    await (await leaseOf(other, onTakeover)).release();
    expect(takeovers).toHaveLength(1);
  });

  it('refuses the write and the release of a holder that is cut off and comes back late', async () => {
    const proxy = await startProxy(bench.server.port);
    onTestFinished(() => proxy.close());
    const [cutOff, other] = [await bench.openOne({ port: proxy.port }), await bench.openOne()];
    const older = recordOf('older', 1);
    const late = await leaseOf(cutOff);
    proxy.cut();
    const [lateWrite, lateRelease] = [late.write(older), late.release()];
    let current: Awaited<ReturnType<StoreSession['acquire']>>;
    await expect
      .poll(async () => (current = await other.acquire()), { timeout: 5_000 })
      .toBeDefined();
    const newer = recordOf('newer');
    expect(await current?.write(newer)).toBe(true);
    proxy.mend();
    expect(await lateWrite).toBe(false);
    await lateRelease;
    expect(await late.write(older)).toBe(false);
    expect(await cutOff.acquire()).toBeUndefined();
    expect(await other.read()).toEqual(newer);
    await current?.release();
  });

  it('does no harm through a client that sends everything twice', async () => {
    const client = await clientOf({ from: bench.from, port: bench.server.port });
    const send = async (script: string, ...rest: unknown[]): Promise<unknown> => {
      await client.eval(script, ...rest);
      return client.eval(script, ...rest);
    };
    const stuttering = Object.assign(Object.create(client) as RedisClient, { eval: send });
    const session = await bench.openOne({ client: stuttering });
    const lease = await leaseOf(session);
    expect(await lease.write(recordOf('leased'))).toBe(true);
    await lease.release();
    await session.write(recordOf('unleased'));
    expect(await session.read()).toMatchObject({ token: { accessToken: 'unleased' } });
    await (await leaseOf(await bench.openOne())).release();
  });

  it('writes without a lease, but not over a token obtained later', async () => {
    const session = await bench.openOne();
    const newer = recordOf('newer');
    await session.write(newer);
    await session.write(recordOf('older', 1_000));
    expect(await session.read()).toEqual(newer);
    await session.write({ version: 1, ...identity });
    expect(await session.read()).toEqual(newer);
    // A token of the future is none.
    await bench.command('set', bench.key('record'), JSON.stringify(recordOf('dated', -120_000)));
    await session.write(newer);
    expect(await session.read()).toEqual(newer);
  });

  it('writes without a lease, but not over what was written since it looked', async () => {
    const other = await bench.openOne();
    const client = await clientOf({ from: bench.from, port: bench.server.port });
    const newer = recordOf('newer');
    // Between its look and its write another's token lands.
    const get = async (name: string): Promise<unknown> => {
      const seen = await client.get(name);
      await other.write(newer);
      return seen;
    };
    const interrupted = Object.assign(Object.create(client) as RedisClient, { get });
    const session = await bench.openOne({ client: interrupted });
    await session.write(recordOf('older', 1_000));
    expect(await other.read()).toEqual(newer);
  });

  it('shows no token under an encryptionKey, and takes no record of another key', async () => {
    const sealed = await bench.openOne({ encryptionKey: randomBytes(32) });
    const record = recordOf('in-clear-text');
    await sealed.write(record);
    expect(await sealed.read()).toEqual(record);
    const stored = String(await bench.command('get', bench.key('record')));
    expect(stored).toMatch(/^tt-sealed-1:[\w-]+$/);
    expect(Buffer.from(stored.split(':')[1] ?? '', 'base64url').toString()).not.toContain('clear');
    const other = await bench.openOne({ encryptionKey: randomBytes(32) });
    await expect(other.read()).rejects.toThrow(
      'the record in Redis is encrypted with another key or for another owner, or was changed',
    );
    await expect((await bench.openOne()).read()).rejects.toThrow(
      'the record in Redis is encrypted, and no key for it is given',
    );
    await other.write(record);
    expect(await other.read()).toEqual(record);
  });

  it('takes no lease without the key that it has to write with', async () => {
    const encryptionKey = (): never => {
      throw new Error('the KMS is down');
    };
    const session = await bench.openOne({ encryptionKey });
    await expect(session.acquire()).rejects.toThrow('the KMS is down');
    expect(await bench.command('keys', `${bench.prefix}:*`)).toEqual([]);
  });

  it('counts a record that is no JSON as none, and replaces it', async () => {
    const session = await bench.openOne();
    await bench.command('set', bench.key('record'), '{"version":1,"tok');
    expect(await session.read()).toBeUndefined();
    await session.write(recordOf('mended'));
    expect(await session.read()).toMatchObject({ token: { accessToken: 'mended' } });
  });

  it('counts a record of over 1 MiB as none', async () => {
    const session = await bench.openOne();
    const record = recordOf('large');
    const large = JSON.stringify({ ...record, more: 'x'.repeat(1_048_576) });
    await bench.command('set', bench.key('record'), large);
    expect(await session.read()).toBeUndefined();
    await session.write(record);
    expect(await session.read()).toEqual(record);
  });

  it('refuses a key of another type, but not for ever', async () => {
    const session = await bench.openOne();
    await bench.command('lpush', bench.key('record'), 'once upon a time');
    await expect(session.read()).rejects.toThrow('WRONGTYPE');
    await bench.command('del', bench.key('record'));
    expect(await session.read()).toBeUndefined();
  });
});
