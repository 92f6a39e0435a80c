import { expect, it, onTestFinished } from 'vitest';
import { redisStore, type RedisClient } from '../../../src/stores/redis/index.js';
import type { StoreSession } from '../../../src/stores/store.js';
import { connect } from '../../helpers/redis-connect.mjs';
import { startProxy } from '../../helpers/tcp-proxy.js';
import { clientOf, describeOverRedis, hour, identity, leaseOf } from './setup.js';

describeOverRedis('text and lease in Redis', (bench) => {
  it('keeps a text as long as it is of use', async () => {
    const session = await bench.openOne();
    const remaining = async (): Promise<number> =>
      Number(await bench.command('pttl', bench.key('record')));
    await session.write('short', { lifeMs: 60_000 });
    expect(await remaining()).toBeGreaterThan(55_000);
    expect(await remaining()).toBeLessThanOrEqual(60_000);
    const lease = await leaseOf(session);
    await lease.write('long', { lifeMs: 86_400_000 });
    await lease.release();
    expect(await remaining()).toBeGreaterThan(86_395_000);
    await session.write('gone', { lifeMs: 1 });
    await expect.poll(() => session.read()).toBeUndefined();
  });

  it('keeps its names apart by identity, in one slot each, and leaves nothing of a lease', async () => {
    const client = await clientOf({ from: bench.from, port: bench.server.port });
    const store = redisStore({ client, keyPrefix: bench.prefix });
    const other = store.open({ ...identity, environment: 'LIVE' });
    await (await leaseOf(store.open(identity))).release();
    const lease = await leaseOf(store.open(identity));
    await lease.write('mine', hour);
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
    do expect(await other.acquire()).toBeUndefined();
    while (performance.now() < until);
    await lease.release();
    await (await leaseOf(other)).release();
  });

  it('neither renews nor writes under the lease of the next holder', async () => {
    const lease = await leaseOf(await bench.openOne());
    await bench.command('set', bench.key('lease'), 'the next holder', 'PX', '900');
    await expect.poll(() => bench.command('exists', bench.key('lease'))).toBe(0);
    expect(await lease.write('late', hour)).toBe(false);
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
      await expect(session.write('never', hour)).rejects.toThrow(
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
    await expect.poll(async () => (lease = await other.acquire(onTakeover))).toBeDefined();
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
    const older = 'older';
    const late = await leaseOf(cutOff);
    proxy.cut();
    const [lateWrite, lateRelease] = [late.write(older, hour), late.release()];
    let current: Awaited<ReturnType<StoreSession['acquire']>>;
    await expect.poll(async () => (current = await other.acquire())).toBeDefined();
    const newer = 'newer';
    expect(await current?.write(newer, hour)).toBe(true);
    proxy.mend();
    expect(await lateWrite).toBe(false);
    await lateRelease;
    expect(await late.write(older, hour)).toBe(false);
    expect(await cutOff.acquire()).toBeUndefined();
    expect(await other.read()).toBe(newer);
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
    expect(await lease.write('leased', hour)).toBe(true);
    await lease.release();
    await session.write('unleased', hour);
    expect(await session.read()).toBe('unleased');
    await (await leaseOf(await bench.openOne())).release();
  });

  it('refuses a key of another type, but not for ever', async () => {
    const session = await bench.openOne();
    await bench.command('lpush', bench.key('record'), 'once upon a time');
    await expect(session.read()).rejects.toThrow('WRONGTYPE');
    await bench.command('del', bench.key('record'));
    expect(await session.read()).toBeUndefined();
  });
});
