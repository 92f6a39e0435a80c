import type { EventEmitter } from 'node:events';
import { readFile } from 'node:fs/promises';
import { expect, it, onTestFinished, vi } from 'vitest';
import { startRedis } from '../../helpers/redis-server.js';
import { begin } from '../../helpers/redis-connect.mjs';
import { startProxy } from '../../helpers/tcp-proxy.js';
import type { RedisClient } from '../../../src/stores/redis/index.js';
import type { StoreSession } from '../../../src/stores/store.js';
import { clientOf, describeOverRedis, hour, leaseOf } from './setup.js';

const readme = (): Promise<string> =>
  readFile(new URL('../../../examples/README.md', import.meta.url), 'utf8');

describeOverRedis('the connection to Redis', (bench) => {
  const connections = async (): Promise<number> =>
    String(await bench.command('client', 'list'))
      .trim()
      .split('\n').length;

  it('uses the connection of its client only, whatever waits, and leaves no channel', async () => {
    const client = await clientOf({ from: bench.from, port: bench.server.port });
    const sessions = await Promise.all(Array.from({ length: 5 }, () => bench.openOne({ client })));
    const before = await connections();
    const [holder, ...others] = sessions;
    const lease = await leaseOf(holder as StoreSession);
    for (const session of others) {
      expect(await session.read()).toBeUndefined();
      expect(await session.acquire()).toBeUndefined();
    }
    expect(await connections()).toBe(before);
    expect(await bench.command('pubsub', 'channels')).toEqual([]);
    await lease.release();
  });

  it('asks Redis once for each call', async () => {
    const client = await clientOf({ from: bench.from, port: bench.server.port });
    const sent = vi.fn();
    const counting = Object.assign(Object.create(client) as RedisClient, {
      get: (key: string) => (sent(), client.get(key)),
      eval: (script: string, ...rest: unknown[]) => (sent(), client.eval(script, ...rest)),
    });
    const lease = await leaseOf(await bench.openOne());
    const waiting = await bench.openOne({ client: counting });
    await waiting.read();
    await waiting.acquire();
    expect(sent).toHaveBeenCalledTimes(2);
    await lease.release();
  });

  it('leaves the client as it was given', async () => {
    const client = await clientOf({ from: bench.from, port: bench.server.port });
    const listeners = (): unknown[] => {
      const emitter = client as unknown as EventEmitter;
      return emitter.eventNames().map((name) => [name, emitter.listenerCount(name)]);
    };
    const [before, members] = [listeners(), Object.keys(client)];
    const session = await bench.openOne({ client });
    const lease = await leaseOf(session);
    await lease.write('written', hour);
    await lease.release();
    await session.read();
    expect(listeners()).toEqual(before);
    expect(Object.keys(client)).toEqual(members);
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
    let lease = await leaseOf(one);
    // A lease whose time was taken away stays, however busy the machine is; a renewal gives it a time again.
    let timesTaken = 0;
    const takeTime = async (): Promise<number> => {
      if (await bench.command('persist', bench.key('lease'))) return ++timesTaken;
      if (await bench.command('exists', bench.key('lease'))) return timesTaken;
      // It ended before its time was taken.
      lease = await leaseOf(one);
      return (timesTaken = 0);
    };
    await expect.poll(takeTime).toBe(2);

    expect(await lease.write('granted', hour)).toBe(true);
    await lease.release();
    expect(await other.read()).toBe('granted');
    await other.write('granted again', hour);
  });

  it('shares in another database, under a prefix of the client, and over either protocol', async () => {
    const ways = bench.from.startsWith('ioredis')
      ? [{ db: 3 }, { clientPrefix: 'app:' }]
      : [{ db: 3 }, { protocol: 3 as const }, { protocol: 2 as const }];
    for (const way of ways) {
      const [one, other] = [await bench.openOne(way), await bench.openOne(way)];
      const lease = await leaseOf(one);
      expect(await other.acquire()).toBeUndefined();
      expect(await lease.write('elsewhere', hour)).toBe(true);
      await lease.release();
      expect(await other.read()).toBe('elsewhere');
    }
    const prefixed = bench.from.startsWith('ioredis') ? `app:${bench.key('record')}` : 'none';
    expect(await bench.command('exists', prefixed)).toBe(prefixed === 'none' ? 0 : 1);
  });

  it('waits for a client that is still connecting, with and without an offline queue', async () => {
    await (await bench.openOne()).write('known', hour);
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
      expect(await reading).toBe('known');
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
    await session.write('lost', hour);
    await own.kill();
    const startedAt = performance.now();
    await expect(session.read()).rejects.toThrow();
    await expect(session.acquire()).rejects.toThrow();
    await expect(session.write('unheard', hour)).rejects.toThrow();
    expect(performance.now() - startedAt).toBeLessThan(3_500);
    await own.restart();
    await expect.poll(() => session.read().catch(() => 'down')).not.toBe('down');
    const lease = await leaseOf(session);
    expect(await lease.write('heard', hour)).toBe(true);
    await lease.release();
    expect(await session.read()).toBe('heard');
    const left = await own.command('client', 'list');
    expect(String(left).trim().split('\n')).toHaveLength(2);
  });
});
