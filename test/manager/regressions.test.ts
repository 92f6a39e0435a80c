import { describe, expect, it, vi } from 'vitest';
import {
  createTokenManager,
  memoryStore,
  type StoredRecord,
  type TokenStore,
} from '../../src/index.js';
import { expectNoSecrets } from '../helpers/expect-no-secrets.js';
import { heldFetch } from '../helpers/held-fetch.js';
import {
  at,
  errorOf,
  follow,
  getFirst,
  pass,
  hour,
  minute,
  second,
  startOfTime,
  settle,
  start,
  startAll,
  useFakeClock,
} from './setup.js';

useFakeClock();

/** A store whose lock lets everybody in and whose leases write blindly. */
function leakyStore() {
  let text: string | undefined;
  const keep = (given: string): Promise<true> => {
    text = given;
    return Promise.resolve(true);
  };
  const store: TokenStore = {
    open: () => ({
      read: () => Promise.resolve(text),
      write: (given) => keep(given).then(() => undefined),
      acquire: () => Promise.resolve({ write: keep, release: () => Promise.resolve() }),
    }),
  };
  return { store, record: () => JSON.parse(text ?? '{}') as Partial<StoredRecord> };
}
function deferred<T>() {
  let resolve!: (v: T) => void, reject!: (e: unknown) => void;
  const promise = new Promise<T>((a, b) => {
    resolve = a;
    reject = b;
  });
  return { promise, resolve, reject };
}

describe('what went wrong once', () => {
  it('an older reply does not overwrite a newer token that somebody wrote without the lock', async () => {
    const { store, record } = leakyStore();
    const { fetch, requests } = heldFetch();
    const one = start({ store, fetch });
    const other = start({ store, fetch });
    const older = one.manager.getToken();
    await pass(10);
    const newer = other.manager.getToken();
    await pass(10);
    at(requests, 1).grant('newer');
    await newer;
    at(requests, 0).grant('older');
    await older;
    expect(record().token?.accessToken).toBe('newer');
  });

  it('a late failure does not wipe out a newer token', async () => {
    const { store, record } = leakyStore();
    const { fetch, requests } = heldFetch();
    const one = start({ store, fetch });
    const other = start({ store, fetch });
    const failing = follow(one.manager.getToken());
    await pass(10);
    const newer = other.manager.getToken();
    await pass(10);
    at(requests, 1).grant('newer');
    await newer;
    at(requests, 0).answer(500);
    await settle();
    expect(failing().state).not.toBe('pending');
    expect(record().token?.accessToken).toBe('newer');
  });

  it('a status() under way does not undo what a refresh learnt meanwhile', async () => {
    const reads: ReturnType<typeof deferred<string | undefined>>[] = [];
    let hang = false;
    const refuse = () => Promise.reject(new Error('no'));
    const store: TokenStore = {
      open: () => ({
        read: () => {
          if (!hang) return refuse();
          const d = deferred<string | undefined>();
          reads.push(d);
          return d.promise;
        },
        write: refuse,
        acquire: refuse,
      }),
    };
    const s = start({ store });
    const call = errorOf(s.manager.getToken());
    await settle();
    hang = true;
    const status = s.manager.status();
    await settle();
    hang = false;
    at(s.requests, 0).answer(500);
    await call;
    at(reads, 0).reject(new Error('no'));
    await status;
    const again = follow(s.manager.getToken());
    await settle();
    expect(s.requests).toHaveLength(1);
    expect(again().state).toBe('rejected');
  });

  it("two managers with two wrong secrets do not lift each other's back-off", async () => {
    const { fetch, requests } = heldFetch();
    const store = memoryStore();
    const a = start({ store, fetch, apiSecret: 'wrong-a' });
    const b = start({ store, fetch, apiSecret: 'wrong-b' });
    for (let i = 0; i < 20; i++)
      for (const m of [a, b]) {
        const before = requests.length;
        const c = errorOf(m.manager.getToken());
        await settle();
        if (requests.length > before) at(requests, -1).answer(401);
        await c;
      }
    expect(requests.length).toBeLessThanOrEqual(2);
  });

  it('a store whose watch() throws costs nobody a token', async () => {
    const inner = memoryStore();
    const store: TokenStore = {
      open: (i) => ({
        ...inner.open(i),
        watch: () => {
          throw new Error('watch refused');
        },
      }),
    };
    const { fetch, requests } = heldFetch();
    const one = start({ store, fetch });
    const other = start({ store, fetch });
    const c1 = one.manager.getToken();
    const c2 = follow(other.manager.getToken());
    await settle();
    at(requests, 0).grant('token-1');
    await c1;
    await pass(second);
    expect(c2()).toMatchObject({ state: 'fulfilled' });
  });

  it('a store whose changed() rejects costs nobody a token', async () => {
    const inner = memoryStore();
    const store: TokenStore = {
      open: (i) => ({
        ...inner.open(i),
        watch: () => ({
          changed: () => Promise.reject(new Error('watch refused')),
          close: () => undefined,
        }),
      }),
    };
    const { fetch, requests } = heldFetch();
    const one = start({ store, fetch });
    const other = start({ store, fetch });
    const c1 = one.manager.getToken();
    const c2 = follow(other.manager.getToken());
    await settle();
    at(requests, 0).grant('token-1');
    await c1;
    await pass(second);
    expect(c2()).toMatchObject({ state: 'fulfilled' });
  });

  it('closing in the pause between two requests leaves no timer', async () => {
    const s = start();
    const call = errorOf(s.manager.getToken());
    await settle();
    at(s.requests, 0).fail();
    await settle();
    await s.manager.close();
    await call;
    expect(vi.getTimerCount()).toBe(0);
  });

  it('a status() pending when the manager closes rejects', async () => {
    const d = deferred<undefined>();
    const inner = memoryStore();
    const store: TokenStore = { open: (i) => ({ ...inner.open(i), read: () => d.promise }) };
    const s = start({ store });
    const st = follow(s.manager.status());
    await settle();
    await s.manager.close();
    await settle();
    d.resolve(undefined);
    await settle();
    expect(st()).toMatchObject({ state: 'rejected' });
  });

  it('close() does not wait for ever for a store that hangs', async () => {
    const inner = memoryStore();
    const store: TokenStore = {
      open: (i) => ({ ...inner.open(i), read: () => new Promise(() => undefined) }),
    };
    const m = createTokenManager({
      apiKey: 'k-k-k-k-k',
      apiSecret: 's-s-s-s',
      appName: 'a',
      companyName: 'b',
      store,
      fetch: heldFetch().fetch,
    });
    const c = follow(m.getToken());
    await settle();
    const closing = follow(m.close());
    await pass(minute);
    expect(c().state).toBe('rejected');
    expect(closing().state).toBe('fulfilled');
  });

  it('a token in its last second is not fresh, even with a buffer of 0', async () => {
    const s = start({ refreshBufferMs: 0 });
    await getFirst(s, 'token-1', 100);
    await pass(99.5 * second);
    const call = follow(s.manager.getToken());
    await settle();
    expect(call().state).toBe('pending');
  });

  it('a clock set back does not stretch a back-off kept in memory', async () => {
    const s = start();
    const c = errorOf(s.manager.getToken());
    await settle();
    at(s.requests, 0).answer(500);
    await c;
    vi.setSystemTime(startOfTime - hour);
    await pass(2 * minute);
    const call = follow(s.manager.getToken());
    await settle();
    expect(call().state).toBe('pending');
  });

  it('a clock set back does not make a forced refresh take the token that is held', async () => {
    const s = start();
    await getFirst(s, 'token-1', 1_000);
    vi.setSystemTime(startOfTime - 30 * second);
    const call = follow(s.manager.getToken({ forceRefresh: true }));
    await settle();
    expect(call().state).toBe('pending');
    at(s.requests, 1).grant('token-2');
    await settle();
    expect(call()).toMatchObject({ value: { accessToken: 'token-2' } });
  });

  it('a Retry-After on refused credentials does not bind another secret', async () => {
    const { fetch, requests } = heldFetch();
    const store = memoryStore();
    const a = start({ store, fetch, apiSecret: 'wrong-a' });
    const b = start({ store, fetch, apiSecret: 'right-b' });
    const c = errorOf(a.manager.getToken());
    await settle();
    at(requests, 0).answer(401, '', { 'retry-after': '60' });
    await c;
    await pass(10);
    const f = follow(b.manager.getToken({ forceRefresh: true }));
    await settle();
    expect(f().state).toBe('pending');
  });

  it('a store failure whose message varies is reported once', async () => {
    let n = 0;
    const inner = memoryStore();
    const store: TokenStore = {
      open: (i) => ({
        ...inner.open(i),
        read: () => Promise.reject(new Error(`attempt ${++n} refused`)),
      }),
    };
    const s = start({ store });
    for (let i = 0; i < 5; i++) await s.manager.status();
    expect(s.count('storeFailed')).toBe(1);
  });

  it('a store failure that quotes the secret does not show it', async () => {
    const inner = memoryStore();
    const secret = 'Zq8!vR3@uJ5?tN1~fB7;cM9';
    const store: TokenStore = {
      open: (i) => ({ ...inner.open(i), read: () => Promise.reject(new Error(`x ${secret}`)) }),
    };
    const s = start({ store, apiSecret: secret });
    await s.manager.status();
    expectNoSecrets({ secret }, s.events);
  });

  it('a caller that joined a failed forced refresh still gets the valid token of the store', async () => {
    const { managers, requests } = startAll(2);
    await getFirst({ manager: at(managers, 0).manager, requests }, 'token-1');
    await pass(10);
    const m = at(managers, 1).manager;
    const forced = errorOf(m.getToken({ forceRefresh: true }));
    const needed = follow(m.getToken());
    await settle();
    at(requests, 1).answer(500);
    await forced;
    await settle();
    expect(needed()).toMatchObject({ state: 'fulfilled' });
  });

  it('a failed attempt serves the token that somebody else has stored meanwhile', async () => {
    const inner = memoryStore();
    const store: TokenStore = {
      open: (i) => ({ ...inner.open(i), acquire: () => Promise.reject(new Error('no lock')) }),
    };
    const { fetch, requests } = heldFetch();
    const one = start({ store, fetch });
    const other = start({ store, fetch });
    const failing = follow(one.manager.getToken());
    await pass(10);
    const newer = other.manager.getToken();
    await pass(10);
    at(requests, 1).grant('newer');
    await newer;
    at(requests, 0).answer(500);
    await settle();
    expect(failing()).toMatchObject({ state: 'fulfilled', value: { accessToken: 'newer' } });
  });

  it("a background refresh that fails after its token's end serves what somebody else has stored, ageing or not", async () => {
    const inner = memoryStore();
    const store: TokenStore = {
      open: (i) => ({ ...inner.open(i), acquire: () => Promise.reject(new Error('no lock')) }),
    };
    const { fetch, requests } = heldFetch();
    const one = start({ store, fetch, timeoutMs: hour });
    const other = start({ store, fetch, timeoutMs: hour });
    await getFirst({ manager: one.manager, requests }, 'older', 100);
    await pass(60 * second);
    await one.manager.getToken();
    await pass(41 * second);
    const waiting = follow(one.manager.getToken());
    await getFirst({ manager: other.manager, requests }, 'newer', 100);
    await pass(60 * second);
    at(requests, 1).answer(500);
    await settle();
    expect(waiting()).toMatchObject({ state: 'fulfilled', value: { accessToken: 'newer' } });
  });
});
