import { describe, expect, it, vi } from 'vitest';
import { memoryStore, type TokenStore } from '../../src/index.js';
import {
  apiSecret,
  at,
  errorOf,
  follow,
  getFirst,
  pass,
  second,
  settle,
  start,
  startAll,
  startOfTime,
  tokenOf,
  useFakeClock,
} from './setup.js';

useFakeClock();

describe('a refused token', () => {
  it('is never given out again: callers wait for one refresh', async () => {
    const subject = start();
    await getFirst(subject, 'token-1');
    subject.manager.invalidate('token-1');
    const calls = Array.from({ length: 100 }, () => subject.manager.getToken());
    await settle();
    expect(subject.requests).toHaveLength(2);
    subject.manager.invalidate('token-1');
    at(subject.requests, 1).grant('token-2');
    for (const token of await Promise.all(calls)) expect(token.accessToken).toBe('token-2');
    expect(subject.requests).toHaveLength(2);
    expect(subject.last('refreshed')).toMatchObject({ reason: 'refused' });
    expect(subject.count('rejected')).toBe(1);
    expect(subject.last('rejected')).toEqual({
      obtainedAt: startOfTime,
      expiresAt: startOfTime + 86_400_000,
      willRefresh: true,
    });
  });

  it('costs nothing when the refusal is late and a newer token is held', async () => {
    const subject = start();
    await getFirst(subject, 'token-1');
    subject.manager.invalidate('token-1');
    await getFirst(subject, 'token-2');
    for (let late = 0; late < 100; late++) subject.manager.invalidate('token-1');
    expect(await tokenOf(subject)).toBe('token-2');
    await settle();
    expect(subject.requests).toHaveLength(2);
    expect(subject.count('rejected')).toBe(1);
  });

  it.each(['unknown', '', 'Bearer token-1', 'token-1 '])(
    'that is not the one held: %o is ignored',
    async (other) => {
      const subject = start();
      subject.manager.invalidate(other);
      await getFirst(subject, 'token-1');
      subject.manager.invalidate(other);
      expect(await tokenOf(subject)).toBe('token-1');
      expect(subject.requests).toHaveLength(1);
      expect(subject.count('rejected')).toBe(0);
    },
  );

  it.each([
    ['fails', 500, {}],
    ['limits', 429, { 'retry-after': '600' }],
    ['refuses the secret', 403, {}],
  ])('stays in use while the endpoint %s', async (_, status, headers) => {
    const subject = start();
    await getFirst(subject, 'token-1');
    subject.manager.invalidate('token-1');
    const call = subject.manager.getToken();
    await settle();
    at(subject.requests, 1).answer(status, '', headers);
    expect((await call).accessToken).toBe('token-1');
    for (let refusals = 0; refusals < 10; refusals++) {
      subject.manager.invalidate('token-1');
      expect(await tokenOf(subject)).toBe('token-1');
    }
    expect(await subject.manager.status()).toMatchObject({ valid: true, refused: true });
    expect(subject.requests).toHaveLength(2);
  });

  it('stays in use while the secret cannot be read', async () => {
    const secrets = [() => apiSecret];
    const unreadable = (): never => {
      throw new Error('the vault is sealed');
    };
    const subject = start({ apiSecret: () => (secrets.shift() ?? unreadable)() });
    await getFirst(subject, 'token-1');
    subject.manager.invalidate('token-1');
    expect(await tokenOf(subject)).toBe('token-1');
    expect(subject.last('refreshFailed')).toMatchObject({ reason: 'refused' });
  });

  it.each([true, false])(
    'that could not be replaced is, in the background, as soon as it may (autoRefresh: %s)',
    async (autoRefresh) => {
      const subject = start({ autoRefresh });
      await getFirst(subject, 'token-1');
      subject.manager.invalidate('token-1');
      const call = subject.manager.getToken();
      await settle();
      at(subject.requests, 1).answer(500);
      await call;
      await pass(second);
      if (!autoRefresh) expect(await tokenOf(subject)).toBe('token-1');
      await settle();
      at(subject.requests, 2).grant('token-2');
      await settle();
      expect(await tokenOf(subject)).toBe('token-2');
      expect(await subject.manager.status()).not.toHaveProperty('refused');
      expect(subject.last('refreshed')).toMatchObject({ reason: 'refused' });
    },
  );

  it('that cannot be replaced is given until it expires, then callers are rejected', async () => {
    const subject = start();
    await getFirst(subject, 'token-1', 100);
    subject.manager.invalidate('token-1');
    const call = subject.manager.getToken();
    await settle();
    at(subject.requests, 1).answer(429, '', { 'retry-after': '600' });
    await call;
    await pass(100 * second - 1);
    expect(await tokenOf(subject)).toBe('token-1');
    await pass(1);
    expect(await errorOf(subject.manager.getToken())).toMatchObject({ code: 'TOKEN_RATE_LIMITED' });
  });

  it('while its background refresh is under way does not cause a second one', async () => {
    const subject = start();
    await getFirst(subject, 'token-1', 100);
    await pass(60 * second);
    expect(await tokenOf(subject)).toBe('token-1');
    await settle();
    subject.manager.invalidate('token-1');
    const call = follow(subject.manager.getToken());
    await settle();
    expect(call().state).toBe('pending');
    at(subject.requests, 1).grant('token-2');
    await settle();
    expect(call()).toMatchObject({ value: { accessToken: 'token-2' } });
    expect(subject.requests).toHaveLength(2);
  });

  it('that a refresh under way brings again is given, and not asked for once more', async () => {
    const subject = start();
    await getFirst(subject, 'token-1', 100);
    await pass(60 * second);
    await tokenOf(subject);
    await settle();
    subject.manager.invalidate('token-1');
    const call = subject.manager.getToken();
    at(subject.requests, 1).grant('token-1', 40);
    expect((await call).accessToken).toBe('token-1');
    await settle();
    expect(subject.requests).toHaveLength(2);
  });

  it('while a forced refresh is under way waits for that one', async () => {
    const subject = start();
    await getFirst(subject, 'token-1');
    await pass(1);
    const forced = subject.manager.getToken({ forceRefresh: true });
    await settle();
    subject.manager.invalidate('token-1');
    const needed = subject.manager.getToken();
    await settle();
    at(subject.requests, 1).grant('token-2');
    expect((await forced).accessToken).toBe('token-2');
    expect((await needed).accessToken).toBe('token-2');
    expect(subject.requests).toHaveLength(2);
  });

  it('while a forced refresh finds it in the store, dated ahead, is not given out by that one', async () => {
    const inner = memoryStore();
    let reading = Promise.resolve();
    const store: TokenStore = {
      open(identity) {
        const session = inner.open(identity);
        return { ...session, read: () => reading.then(() => session.read()) };
      },
    };
    vi.setSystemTime(startOfTime + 30 * second);
    await getFirst(start({ store }), 'token-1');
    vi.setSystemTime(startOfTime);
    const subject = start({ store });
    expect(await tokenOf(subject)).toBe('token-1');
    let goOn = (): void => undefined;
    reading = new Promise((resolve) => (goOn = resolve));
    const forced = follow(subject.manager.getToken({ forceRefresh: true }));
    await settle();
    subject.manager.invalidate('token-1');
    goOn();
    await settle();
    expect(forced().state).toBe('pending');
    at(subject.requests, 0).grant('token-2');
    await settle();
    expect(forced()).toMatchObject({ value: { accessToken: 'token-2' } });
    expect(await tokenOf(subject)).toBe('token-2');
    expect(subject.requests).toHaveLength(1);
  });

  it('that the service hands out again is given, and asked for only in the spacing', async () => {
    const subject = start();
    await getFirst(subject, 'token-1');
    subject.manager.invalidate('token-1');
    await getFirst(subject, 'token-1');
    expect(subject.requests).toHaveLength(2);
    subject.manager.invalidate('token-1');
    expect(await tokenOf(subject)).toBe('token-1');
    await settle();
    expect(subject.requests).toHaveLength(2);
    expect(subject.last('rejected')).toMatchObject({ willRefresh: false });
  });
});

describe('managers on one store, when a token is refused', () => {
  it('refresh once among them all', async () => {
    const { managers, requests } = startAll(8);
    await getFirst({ manager: at(managers, 0).manager, requests }, 'token-1');
    for (const subject of managers) await tokenOf(subject);
    for (const { manager } of managers) manager.invalidate('token-1');
    const calls = managers.map(({ manager }) => manager.getToken());
    await settle();
    expect(requests).toHaveLength(2);
    at(requests, 1).grant('token-2');
    await pass(second);
    for (const token of await Promise.all(calls)) expect(token.accessToken).toBe('token-2');
    expect(requests).toHaveLength(2);
  });

  it('adopt the newer token that another one holds already', async () => {
    const { managers, requests } = startAll(2);
    const [one, other] = [at(managers, 0), at(managers, 1)];
    await getFirst({ manager: one.manager, requests }, 'token-1');
    await tokenOf(other);
    one.manager.invalidate('token-1');
    await getFirst({ manager: one.manager, requests }, 'token-2');
    await pass(10);
    expect(await tokenOf(other)).toBe('token-1');
    other.events.length = 0;
    other.manager.invalidate('token-1');
    expect(await tokenOf(other)).toBe('token-2');
    expect(requests).toHaveLength(2);
    expect(other.events.map(({ name }) => name)).toEqual(['rejected', 'adopted']);
  });

  it('adopt it inside the spacing too', async () => {
    const { managers, requests } = startAll(2);
    const [one, other] = [at(managers, 0), at(managers, 1)];
    const refuse = async (token: string, next: string): Promise<void> => {
      one.manager.invalidate(token);
      await getFirst({ manager: one.manager, requests }, next);
    };
    await getFirst({ manager: one.manager, requests }, 'token-1');
    await refuse('token-1', 'token-2');
    await pass(second);
    expect(await tokenOf(other)).toBe('token-2');
    await refuse('token-2', 'token-3');
    other.manager.invalidate('token-2');
    expect(await tokenOf(other)).toBe('token-3');
    expect(requests).toHaveLength(3);
  });

  it('leave the token in place when another one’s refusal has just caused a refresh', async () => {
    const { managers, requests } = startAll(2);
    const [one, other] = [at(managers, 0), at(managers, 1)];
    await getFirst({ manager: one.manager, requests }, 'token-1');
    one.manager.invalidate('token-1');
    await getFirst({ manager: one.manager, requests }, 'token-2');
    expect(await tokenOf(other)).toBe('token-2');
    other.manager.invalidate('token-2');
    expect(await tokenOf(other)).toBe('token-2');
    expect(other.last('rejected')).toMatchObject({ willRefresh: false });
    expect(requests).toHaveLength(2);
  });
});
