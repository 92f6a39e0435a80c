import { describe, expect, it, vi } from 'vitest';
import { memoryStore, type TokenStore } from '../../src/index.js';
import { heldFetch } from '../helpers/held-fetch.js';
import {
  at,
  errorOf,
  follow,
  getFirst,
  pass,
  second,
  settle,
  start,
  startAll,
  useFakeClock,
} from './setup.js';

useFakeClock();

const url = 'https://ttrestapi.trade.tt/ttpds/ext_uat_cert/markets';
const closed = { name: 'TokenError', code: 'MANAGER_CLOSED' };

/** A store without a lock whose write takes until the test ends it. */
function slowStore(): { store: TokenStore; endWrite: () => void } {
  const inner = memoryStore();
  let endWrite = (): void => undefined;
  const writing = new Promise<void>((resolve) => (endWrite = resolve));
  const acquire = (): Promise<never> => Promise.reject(new Error('no lock'));
  const store: TokenStore = {
    open: (identity) => ({ ...inner.open(identity), acquire, write: () => writing }),
  };
  return { store, endWrite };
}

describe('closing a manager', () => {
  it('in mid-request aborts the request and rejects everybody who waits', async () => {
    const { manager, requests, events } = start();
    const calls = [
      manager.getToken(),
      manager.getToken({ forceRefresh: true }),
      manager.getToken({ signal: new AbortController().signal }),
      manager.authorize(url),
    ].map(errorOf);
    await settle();
    await manager.close();
    expect(at(requests, 0).init.signal?.aborted).toBe(true);
    for (const error of await Promise.all(calls)) expect(error).toMatchObject(closed);
    expect(requests).toHaveLength(1);
    expect(events).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('rejects the later calls of every method, with a fresh token too', async () => {
    const subject = start();
    await getFirst(subject, 'token-1');
    const { manager } = subject;
    await manager.close();
    expect(await errorOf(manager.getToken())).toMatchObject(closed);
    expect(await errorOf(manager.getToken({ forceRefresh: true }))).toMatchObject(closed);
    expect(await errorOf(manager.authorize(url))).toMatchObject(closed);
    expect(await errorOf(manager.authorize('https://elsewhere.example/'))).toMatchObject(closed);
    expect(await errorOf(manager.status())).toMatchObject(closed);
    expect(() => manager.invalidate('token-1')).not.toThrow();
    expect(subject.count('rejected')).toBe(0);
    expect(subject.requests).toHaveLength(1);
  });

  it('may be done again and again', async () => {
    const { manager } = start();
    const call = errorOf(manager.getToken());
    await settle();
    await Promise.all([manager.close(), manager.close(), manager[Symbol.asyncDispose]()]);
    await manager.close();
    expect(await call).toMatchObject(closed);
  });

  it('gives the lock back: another manager on the store can refresh at once', async () => {
    const store = memoryStore();
    const { fetch, requests } = heldFetch();
    const one = start({ store, fetch });
    const other = start({ store, fetch });
    const call = errorOf(one.manager.getToken());
    await settle();
    await one.manager.close();
    await call;
    await getFirst({ manager: other.manager, requests }, 'token-1');
    expect(requests).toHaveLength(2);
  });

  it('ends the wait for another manager’s refresh, which goes on', async () => {
    const { managers, requests } = startAll(2);
    const [holder, waiter] = [at(managers, 0), at(managers, 1)];
    const held = follow(holder.manager.getToken());
    const waiting = errorOf(waiter.manager.getToken());
    await settle();
    await waiter.manager.close();
    expect(await waiting).toMatchObject(closed);
    at(requests, 0).grant('token-1');
    await settle();
    expect(held()).toMatchObject({ value: { accessToken: 'token-1' } });
    expect(requests).toHaveLength(1);
  });

  it('gives up forced and needed refreshes that wait for each other', async () => {
    const { manager, requests } = start();
    const needed = errorOf(manager.getToken());
    await pass(1);
    const forced = errorOf(manager.getToken({ forceRefresh: true }));
    await settle();
    await manager.close();
    expect(await needed).toMatchObject(closed);
    expect(await forced).toMatchObject(closed);
    expect(requests).toHaveLength(1);
  });

  it('gives up an apiSecret function that does not answer, and a fetch that ignores its signal', async () => {
    const never = (): Promise<never> => new Promise(() => undefined);
    for (const options of [{ apiSecret: never }, { fetch: never }]) {
      const { manager } = start(options);
      const call = errorOf(manager.getToken());
      await settle();
      await manager.close();
      expect(await call).toMatchObject(closed);
      expect(vi.getTimerCount()).toBe(0);
    }
  });

  it('while the token is being written waits for the store, and keeps no token', async () => {
    const { store, endWrite } = slowStore();
    const subject = start({ store });
    const call = errorOf(subject.manager.getToken());
    await settle();
    at(subject.requests, 0).grant('token-1');
    await settle();
    const closing = follow(subject.manager.close());
    await pass(second);
    expect(closing().state).toBe('pending');
    endWrite();
    await settle();
    expect(closing().state).toBe('fulfilled');
    expect(await call).toMatchObject(closed);
    expect(await errorOf(subject.manager.authorize(url))).toMatchObject(closed);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('waits 2 s at the most for a store that does not end its write', async () => {
    const { store, endWrite } = slowStore();
    const subject = start({ store });
    const call = errorOf(subject.manager.getToken());
    await settle();
    at(subject.requests, 0).grant('token-1');
    await settle();
    const closing = follow(subject.manager.close());
    await pass(2 * second - 1);
    expect(closing().state).toBe('pending');
    await pass(1);
    expect(closing().state).toBe('fulfilled');
    expect(await call).toMatchObject(closed);
    endWrite();
  });

  it('leaves no timer behind, of autoRefresh neither', async () => {
    const subject = start({ autoRefresh: true });
    await getFirst(subject, 'token-1', 100);
    expect(vi.getTimerCount()).toBe(1);
    await subject.manager.close();
    expect(vi.getTimerCount()).toBe(0);
    await pass(200 * second);
    expect(subject.requests).toHaveLength(1);
  });

  it('raises no unhandled rejection from the background', async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => void unhandled.push(reason);
    process.on('unhandledRejection', note);
    const subject = start();
    await getFirst(subject, 'token-1', 100);
    await pass(60 * second);
    await subject.manager.getToken();
    await settle();
    expect(subject.requests).toHaveLength(2);
    await subject.manager.close();
    await settle();
    process.off('unhandledRejection', note);
    expect(unhandled).toEqual([]);
  });

  it('happens at the end of an `await using`', async () => {
    const { manager } = start();
    {
      await using scoped = manager;
      expect(scoped.isTrusted(url)).toBe(true);
    }
    expect(await errorOf(manager.getToken())).toMatchObject(closed);
  });

  it('before the first call touches nothing', async () => {
    const { manager, requests, events } = start({ autoRefresh: true });
    await manager.close();
    expect(requests).toHaveLength(0);
    expect(events).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
