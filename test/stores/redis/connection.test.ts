import type { EventEmitter } from 'node:events';
import { readFile } from 'node:fs/promises';
import { expect, it, onTestFinished, vi } from 'vitest';
import { startRedis } from '../../helpers/redis-server.js';
import { startProxy } from '../../helpers/tcp-proxy.js';
import { clientOf, describeOverRedis, leaseOf, recordOf } from './setup.js';

const readme = (): Promise<string> =>
  readFile(new URL('../../../README.md', import.meta.url), 'utf8');

describeOverRedis('the connections to Redis', (bench) => {
  const subscriptions = async (): Promise<unknown> =>
    ((await bench.command('pubsub', 'numsub', bench.key('changed'))) as unknown[])[1];

  it('wakes a watch by a message, before any regular look', async () => {
    const [one, other] = [await bench.openOne(), await bench.openOne()];
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const watch = one.watch();
    await watch.changed(); // It listens.
    const woken = watch.changed();
    await other.write(recordOf('told'));
    await woken;
    const lease = await leaseOf(other);
    const again = watch.changed();
    await lease.release();
    await again;
    watch.close();
  });

  it('closes the connection of a watch, however early', async () => {
    const session = await bench.openOne();
    const connections = async (): Promise<number> =>
      String(await bench.command('client', 'list'))
        .trim()
        .split('\n').length;
    const before = await connections();
    session.watch().close();
    const [soon, sooner] = [session.watch(), session.watch()];
    setTimeout(() => soon.close(), 2);
    setImmediate(() => sooner.close());
    const late = session.watch();
    await expect.poll(subscriptions).toBe(1);
    late.close();
    await expect.poll(subscriptions).toBe(0);
    await expect.poll(connections).toBe(before);
  });

  it('leaves the client as it was given', async () => {
    const client = await clientOf({ from: bench.from, port: bench.server.port });
    const listeners = (): unknown[] => {
      const emitter = client as unknown as EventEmitter;
      return emitter.eventNames().map((name) => [name, emitter.listenerCount(name)]);
    };
    const [before, members] = [listeners(), Object.keys(client)];
    const session = await bench.openOne({ client });
    const watch = session.watch();
    await watch.changed();
    const lease = await leaseOf(session);
    await lease.write(recordOf('written'));
    await lease.release();
    watch.close();
    await session.read();
    expect(listeners()).toEqual(before);
    expect(Object.keys(client)).toEqual(members);
  });

  it('reports a subscription that is refused, and looks now and then instead', async () => {
    await bench.command('acl', 'setuser', bench.prefix, 'on', '>word', '~*', '+@all', '-subscribe');
    const session = await bench.openOne({ username: bench.prefix, password: 'word' });
    const watch = session.watch();
    await expect(watch.changed()).rejects.toThrow('NOPERM');
    await watch.changed();
    await watch.changed();
    watch.close();
  });

  it('needs no more rights than the README says', async () => {
    const rights = /ACL SETUSER tt-token on >\S+ (.+)/.exec(await readme())?.[1]?.split(' ') ?? [];
    expect(rights.length).toBeGreaterThan(5);
    const own = rights.map((right) => right.replace('tt-token:', `${bench.prefix}:`));
    await bench.command('acl', 'setuser', bench.prefix, 'reset', 'on', '>word', ...own);
    const [one, other] = [
      await bench.openOne({ username: bench.prefix, password: 'word' }),
      await bench.openOne({ username: bench.prefix, password: 'word' }),
    ];
    const lease = await leaseOf(one);
    const remaining = (): Promise<unknown> => bench.command('pttl', bench.key('lease'));
    await expect.poll(remaining).toBeLessThan(1_350);
    await expect.poll(remaining).toBeGreaterThan(1_350); // It is renewed.

    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const watch = other.watch();
    await watch.changed();
    const told = watch.changed();
    await lease.write(recordOf('granted'));
    await told;
    watch.close();
    await lease.release();
    expect(await other.read()).toMatchObject({ token: { accessToken: 'granted' } });
    await other.write(recordOf('granted again'));
  });

  it('gives back a lease whose grant came too late', async () => {
    const proxy = await startProxy(bench.server.port);
    onTestFinished(() => proxy.close());
    const [slow, other] = [await bench.openOne({ port: proxy.port }), await bench.openOne()];
    proxy.cut();
    await expect(slow.acquire()).rejects.toThrow('Redis did not answer within 1000 ms');
    proxy.mend();
    // Its connection keeps the order: once it reads, it has been granted the lease and has given it back.
    await expect.poll(() => slow.read().catch(() => 'overdue')).toBeUndefined();
    await (await leaseOf(other)).release();
  });

  it('does not blame Redis for an event loop that was blocked', async () => {
    const session = await bench.openOne();
    for (const turns of [0, 1, 2]) {
      const reading = session.read();
      for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_200);
      expect(await reading).toBeUndefined();
    }
  });

  it('asks no more while an answer is overdue, and joins again with the answer', async () => {
    const proxy = await startProxy(bench.server.port);
    onTestFinished(() => proxy.close());
    const session = await bench.openOne({ port: proxy.port });
    const record = recordOf('known');
    await session.write(record);
    proxy.cut();
    await expect(session.read()).rejects.toThrow('Redis did not answer within 1000 ms');
    const startedAt = performance.now();
    for (let call = 0; call < 1_000; call++) {
      await expect(session.read()).rejects.toThrow('Redis has not answered yet');
      await expect(session.acquire()).rejects.toThrow('Redis has not answered yet');
    }
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    proxy.mend();
    await expect.poll(() => session.read().catch(() => undefined)).toEqual(record);
  });

  it('does not wait for a Redis that is down, and uses it once it is back', async () => {
    const own = await startRedis();
    onTestFinished(() => own.stop());
    const session = await bench.openOne({ port: own.port });
    await session.write(recordOf('lost'));
    await own.kill();
    const watch = session.watch();
    const startedAt = performance.now();
    await expect(session.read()).rejects.toThrow();
    await expect(session.acquire()).rejects.toThrow();
    await expect(session.write(recordOf('unheard'))).rejects.toThrow();
    expect(performance.now() - startedAt).toBeLessThan(3_500);
    await watch.changed();
    watch.close();
    await own.restart();
    await expect
      .poll(() => session.read().catch(() => 'down'), { timeout: 10_000 })
      .not.toBe('down');
    const lease = await leaseOf(session);
    expect(await lease.write(recordOf('heard'))).toBe(true);
    await lease.release();
    expect(await session.read()).toMatchObject({ token: { accessToken: 'heard' } });
    const connections = await own.command('client', 'list');
    expect(String(connections).trim().split('\n')).toHaveLength(2);
  });
});
