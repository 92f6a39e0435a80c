import { describe, expect, it } from 'vitest';
import { memoryStore, type TokenStore } from '../../src/index.js';
import { heldFetch } from '../helpers/held-fetch.js';
import {
  apiSecret,
  at,
  errorOf,
  getFirst,
  minute,
  pass,
  second,
  settle,
  start,
  tokenOf,
  useFakeClock,
} from './setup.js';

useFakeClock();

const force = { forceRefresh: true };

describe('events', () => {
  it.each([
    ['a token', (request: { grant(token: string): void }) => request.grant('late')],
    ['a failure', (request: { fail(): void }) => request.fail()],
  ])('do not come after close(), whose request is answered with %s afterwards', async (_, end) => {
    const held = heldFetch();
    // Ignores its signal, as a wrapped fetch may.
    const deaf: typeof fetch = (url, init) => held.fetch(url, { ...init, signal: null });
    const subject = start({ fetch: deaf });
    const waiting = errorOf(subject.manager.getToken());
    await settle();
    await subject.manager.close();
    const before = subject.events.length;
    end(at(held.requests, 0));
    await pass(minute);
    expect(subject.events).toHaveLength(before);
    expect(await waiting).toMatchObject({ code: 'MANAGER_CLOSED' });
  });

  it('do not come after close() from a store that fails late', async () => {
    let fail = (): void => undefined;
    const store: TokenStore = {
      open: () => ({
        read: () => new Promise((_, reject) => (fail = () => reject(new Error('disk gone')))),
        write: () => Promise.resolve(),
        acquire: () => Promise.resolve(undefined),
      }),
    };
    const subject = start({ store });
    const waiting = errorOf(subject.manager.getToken());
    await settle();
    const closing = subject.manager.close();
    await pass(2 * second);
    await closing;
    fail();
    await pass(minute);
    expect(subject.events).toEqual([]);
    expect(await waiting).toMatchObject({ code: 'MANAGER_CLOSED' });
  });

  it('say `refreshed` when the manager gives the new token', async () => {
    const subject = start();
    await getFirst(subject, 'token-1');
    const given: Promise<string>[] = [];
    subject.manager.on('refreshed', () => given.push(tokenOf(subject)));
    const forced = subject.manager.getToken(force);
    await settle();
    at(subject.requests, 1).grant('token-2');
    await forced;
    expect(await Promise.all(given)).toEqual(['token-2']);
  });
});

describe('a Retry-After shorter than the back-off', () => {
  it('binds a forced call no longer than itself, and is stored beside the back-off', async () => {
    const base = memoryStore();
    const texts: string[] = [];
    const store: TokenStore = {
      open(identity) {
        const session = base.open(identity);
        return {
          ...session,
          async acquire(onTakeover) {
            const lease = await session.acquire(onTakeover);
            return (
              lease && {
                ...lease,
                write(text, options) {
                  texts.push(text);
                  return lease.write(text, options);
                },
              }
            );
          },
        };
      },
    };
    const subject = start({ store });
    for (const headers of [{}, {}, { 'retry-after': '1' }]) {
      const forced = errorOf(subject.manager.getToken(force));
      await settle();
      at(subject.requests, -1).answer(429, '', headers);
      await forced;
      await pass(10);
    }
    expect(JSON.parse(at(texts, -1))).toMatchObject({
      failure: { waitMs: 4 * second, forbiddenMs: second },
    });
    await errorOf(subject.manager.getToken(force));
    expect(subject.requests).toHaveLength(3);
    await pass(second);
    expect(await errorOf(subject.manager.getToken())).toMatchObject({ code: 'TOKEN_RATE_LIMITED' });
    expect(subject.requests).toHaveLength(3);
    const forced = subject.manager.getToken(force);
    await settle();
    at(subject.requests, 3).grant('token-1');
    expect((await forced).accessToken).toBe('token-1');
  });
});

describe('a refusal that was a mistake, while the endpoint answers 429', () => {
  it('leaves the token in use, and every caller goes on', async () => {
    const subject = start();
    await getFirst(subject, 'token-1');
    subject.manager.invalidate('token-1');
    const calls = [tokenOf(subject), tokenOf(subject)];
    await settle();
    expect(await subject.manager.status()).toMatchObject({ refused: true, valid: false });
    at(subject.requests, 1).answer(429, '', { 'retry-after': '30' });
    expect(await Promise.all(calls)).toEqual(['token-1', 'token-1']);
    expect(await tokenOf(subject)).toBe('token-1');
    expect(await subject.manager.status()).toMatchObject({ refused: true, valid: true });
    expect(subject.requests).toHaveLength(2);
  });
});

describe('a secret of a function', () => {
  it('is asked for no more often than every 100 ms while refused credentials rest', async () => {
    let asked = 0;
    const subject = start({ apiSecret: () => (asked++, apiSecret) });
    const first = errorOf(subject.manager.getToken());
    await settle();
    at(subject.requests, 0).answer(401);
    await first;
    const before = asked;
    for (let call = 0; call < 50; call++) {
      await errorOf(subject.manager.getToken());
      await pass(10);
    }
    expect(asked - before).toBeLessThanOrEqual(6);
    expect(asked - before).toBeGreaterThanOrEqual(4);
    expect(subject.requests).toHaveLength(1);
  });
});
