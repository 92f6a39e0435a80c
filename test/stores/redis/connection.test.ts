import type { EventEmitter } from 'node:events';
import { readFile } from 'node:fs/promises';
import { expect, it, onTestFinished, vi } from 'vitest';
import { startRedis } from '../../helpers/redis-server.js';
import { begin } from '../../helpers/redis-connect.mjs';
import { startProxy } from '../../helpers/tcp-proxy.js';
import { clientOf, describeOverRedis, leaseOf, recordOf } from './setup.js';

const readme = (): Promise<string> =>
  readFile(new URL('../../../examples/README.md', import.meta.url), 'utf8');

describeOverRedis('the connections to Redis', (bench) => {
  const connections = async (): Promise<number> =>
    String(await bench.command('client', 'list'))
      .trim()
      .split('\n').length;

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
    const before = await connections();
    session.watch().close();
    const [soon, sooner] = [session.watch(), session.watch()];
    setTimeout(() => soon.close(), 2);
    setImmediate(() => sooner.close());
    const late = session.watch();
    await expect.poll(bench.subscribed).toBe(1);
    late.close();
    await expect.poll(bench.subscribed).toBe(0);
    await expect.poll(connections).toBe(before);
  });

  it('shares a connection between all who wait through one client, until the last is served', async () => {
    const client = await clientOf({ from: bench.from, port: bench.server.port });
    const sessions = await Promise.all(Array.from({ length: 5 }, () => bench.openOne({ client })));
    const before = await connections();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const watches = sessions.map((session) => session.watch());
    await Promise.all(watches.map((watch) => watch.changed())); // They listen.
    expect(await connections()).toBe(before + 1);
    for (let count = watches.length; count > 0; count--) {
      const woken = watches.map((watch) => watch.changed());
      await sessions[0]?.write(recordOf(`for ${count}`));
      await Promise.all(woken);
      watches.pop()?.close();
    }
    vi.useRealTimers();
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
    const watches = [session.watch(), session.watch()];
    for (const watch of watches) await expect(watch.changed()).rejects.toThrow('NOPERM');
    for (const watch of watches) await watch.changed();
    await bench.command('acl', 'setuser', bench.prefix, '+subscribe', '&*');
    const next = session.watch();
    await expect.poll(bench.subscribed).toBe(1);
    for (const watch of [...watches, next]) watch.close();
    await expect.poll(bench.subscribed).toBe(0);
  });

  it('needs no more rights than examples/README.md says', async () => {
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

  it('shares in another database, under a prefix of the client, and over either protocol', async () => {
    const ways = bench.from.startsWith('ioredis')
      ? [{ db: 3 }, { clientPrefix: 'app:' }]
      : [{ db: 3 }, { protocol: 3 as const }, { protocol: 2 as const }];
    for (const way of ways) {
      const [one, other] = [await bench.openOne(way), await bench.openOne(way)];
      const lease = await leaseOf(one);
      expect(await other.acquire()).toBeUndefined();
      const watch = other.watch();
      while ((await bench.subscribed()) === 0) await watch.changed();
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
      await watch.changed(); // It listens.
      const told = watch.changed();
      const record = recordOf('elsewhere');
      expect(await lease.write(record)).toBe(true);
      await told;
      vi.useRealTimers();
      watch.close();
      await lease.release();
      expect(await other.read()).toEqual(record);
      await expect.poll(bench.subscribed).toBe(0);
    }
    const prefixed = bench.from.startsWith('ioredis') ? `app:${bench.key('record')}` : 'none';
    expect(await bench.command('exists', prefixed)).toBe(prefixed === 'none' ? 0 : 1);
  });

  it('waits for a client that is still connecting, with and without an offline queue', async () => {
    await (await bench.openOne()).write(recordOf('known'));
    for (const offlineQueue of [true, false]) {
      const proxy = await startProxy(bench.server.port);
      onTestFinished(() => proxy.close());
      proxy.cut();
      const { client, close } = begin({ from: bench.from, port: proxy.port, offlineQueue });
      onTestFinished(close);
      const session = await bench.openOne({ client });
      const reading = session.read();
      const leasing = session.acquire();
      await proxy.connected();
      proxy.mend();
      expect(await reading).toMatchObject({ token: { accessToken: 'known' } });
      await (await leasing)?.release();
    }
  });

  it('says why a client has no connection, with the code', async () => {
    await bench.command('acl', 'setuser', bench.prefix, 'on', '>word', '~*', '+@all');
    const wrong = await bench.openOne({ username: bench.prefix, password: 'another' });
    await expect(wrong.read()).rejects.toMatchObject({
      code: 'WRONGPASS',
      message: expect.stringContaining('WRONGPASS') as string,
    });
    const nobody = await startProxy(bench.server.port);
    await nobody.close();
    const lost = await bench.openOne({ port: nobody.port });
    await expect(lost.acquire()).rejects.toMatchObject({
      code: 'ECONNREFUSED',
      message: expect.stringContaining('ECONNREFUSED') as string,
    });
    const startedAt = performance.now();
    await expect(lost.read()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(performance.now() - startedAt).toBeLessThan(500);
  });

  it('waits on many stores at once behind one listener', async () => {
    const warnings: Error[] = [];
    const warned = (warning: Error): void => void warnings.push(warning);
    process.on('warning', warned);
    onTestFinished(() => void process.off('warning', warned));
    const { client, close } = begin({ from: bench.from, port: bench.server.port });
    onTestFinished(close);
    const sessions = await Promise.all(Array.from({ length: 12 }, () => bench.openOne({ client })));
    await Promise.all(sessions.map((session) => session.read()));
    await new Promise(setImmediate);
    expect(warnings).toEqual([]);
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
    const left = await own.command('client', 'list');
    expect(String(left).trim().split('\n')).toHaveLength(2);
  });
});
