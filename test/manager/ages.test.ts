import { describe, expect, it } from 'vitest';
import { memoryStore, type TokenStore } from '../../src/index.js';
import { grantingFetch } from '../helpers/granting-fetch.js';
import {
  at,
  day,
  errorOf,
  follow,
  getFirst,
  minute,
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

/** A store that counts how often it is touched. */
function countingStore(): { store: TokenStore; touched: () => number } {
  const inner = memoryStore();
  let touches = 0;
  const store: TokenStore = {
    open(identity) {
      const session = inner.open(identity);
      const counted = <Result>(run: () => Result): Result => {
        touches += 1;
        return run();
      };
      return {
        read: () => counted(() => session.read()),
        write: (...given) => counted(() => session.write(...given)),
        acquire: () => counted(() => session.acquire()),
      };
    },
  };
  return { store, touched: () => touches };
}

describe('a fresh token', () => {
  it('comes from memory, without touching the store', async () => {
    const { store, touched } = countingStore();
    const subject = start({ store });
    expect(touched()).toBe(0);
    await getFirst(subject, 'token-1');
    const before = touched();
    for (let call = 0; call < 1_000; call++) expect(await tokenOf(subject)).toBe('token-1');
    await pass(day - 10 * minute - 1);
    expect(await tokenOf(subject)).toBe('token-1');
    await settle();
    expect(touched()).toBe(before);
    expect(subject.requests).toHaveLength(1);
  });
});

describe('an ageing token', () => {
  it('is given at once while one refresh runs in the background', async () => {
    const subject = start();
    await getFirst(subject, 'token-1');
    await pass(day - 10 * minute);
    for (let call = 0; call < 100; call++) expect(await tokenOf(subject)).toBe('token-1');
    await settle();
    expect(subject.requests).toHaveLength(2);
    expect(await tokenOf(subject)).toBe('token-1');
    at(subject.requests, 1).grant('token-2');
    await settle();
    expect(await tokenOf(subject)).toBe('token-2');
    expect(subject.requests).toHaveLength(2);
    expect(subject.last('refreshed')).toMatchObject({ reason: 'ageing' });
  });

  it('that another manager has stored is given at once, too, and refreshed in the background', async () => {
    const { managers, requests } = startAll(2);
    await getFirst({ manager: at(managers, 0).manager, requests }, 'token-1', 100);
    await pass(50 * second);
    const subject = at(managers, 1);
    expect(await tokenOf(subject)).toBe('token-1');
    await settle();
    expect(requests).toHaveLength(2);
    at(requests, 1).grant('token-2');
    await settle();
    expect(await tokenOf(subject)).toBe('token-2');
    expect(requests).toHaveLength(2);
  });

  it('starts ageing at half its life where the buffer is longer than that', async () => {
    const subject = start({ refreshBufferMs: minute });
    await getFirst(subject, 'token-1', 60);
    await pass(30 * second - 1);
    await subject.manager.getToken();
    await settle();
    expect(subject.requests).toHaveLength(1);
    await pass(1);
    await subject.manager.getToken();
    await settle();
    expect(subject.requests).toHaveLength(2);
  });

  it('that the service hands out again is not asked for in a loop', async () => {
    const subject = start();
    await getFirst(subject, 'token-1', 100);
    await pass(50 * second);
    for (let tenth = 0; tenth < 490; tenth++) {
      expect(await tokenOf(subject)).toBe('token-1');
      await settle();
      const leftSeconds = (startOfTime + 100 * second - Date.now()) / second;
      subject.requests.at(-1)?.grant('token-1', leftSeconds);
      await pass(100);
    }
    expect(subject.requests.length).toBeLessThanOrEqual(10);
    expect(subject.count('adopted')).toBe(0);
  });
});

describe('an expired token', () => {
  it('makes all callers wait for one refresh', async () => {
    const subject = start();
    await getFirst(subject, 'token-1', 100);
    await pass(100 * second);
    const calls = Array.from({ length: 100 }, () => subject.manager.getToken());
    await settle();
    expect(subject.requests).toHaveLength(2);
    at(subject.requests, 1).grant('token-2');
    for (const token of await Promise.all(calls)) expect(token.accessToken).toBe('token-2');
    expect(subject.last('refreshed')).toMatchObject({ reason: 'expired' });
  });

  it('counts as expired in its last second', async () => {
    const subject = start();
    await getFirst(subject, 'token-1', 100);
    await pass(99 * second);
    expect(await tokenOf(subject)).toBe('token-1');
    await settle();
    await pass(1);
    const call = follow(subject.manager.getToken());
    await settle();
    expect(call().state).toBe('pending');
    expect(subject.requests).toHaveLength(2);
    at(subject.requests, 1).grant('token-2');
    await settle();
    expect(call()).toMatchObject({ value: { accessToken: 'token-2' } });
  });

  it('is still given in that last second when the refresh fails, and no longer after it', async () => {
    const subject = start();
    await getFirst(subject, 'token-1', 100);
    await pass(99_001);
    const call = subject.manager.getToken();
    await settle();
    at(subject.requests, 1).answer(500);
    expect((await call).accessToken).toBe('token-1');
    expect(await tokenOf(subject)).toBe('token-1');
    await pass(999);
    const late = errorOf(subject.manager.getToken());
    await settle();
    at(subject.requests, 2).answer(500);
    expect(await late).toMatchObject({ code: 'TOKEN_REQUEST_FAILED' });
  });
});

describe('a lifetime', () => {
  it('counts from the moment the request was sent', async () => {
    const subject = start();
    const call = subject.manager.getToken();
    await pass(5 * second);
    at(subject.requests, 0).grant('token-1', 60);
    expect(await call).toMatchObject({
      obtainedAt: startOfTime,
      expiresAt: startOfTime + minute,
    });
  });

  it('of 1 s serves its callers, one request at a time', async () => {
    const { fetch, granted } = grantingFetch(1);
    const subject = start({ fetch });
    for (let tenth = 0; tenth < 100; tenth++) {
      const token = await subject.manager.getToken();
      expect(token.expiresAt).toBeGreaterThan(Date.now());
      await pass(100);
    }
    // At half a second of age each: 2 a second at the most.
    expect(granted()).toBeGreaterThanOrEqual(10);
    expect(granted()).toBeLessThanOrEqual(20);
  });

  it('that is over when the answer arrives is a failure with a back-off, not a loop', async () => {
    const subject = start();
    const call = errorOf(subject.manager.getToken());
    await pass(2 * second);
    at(subject.requests, 0).grant('token-1', 2);
    const failure = { code: 'TOKEN_RESPONSE_INVALID', retryAt: startOfTime + 3 * second };
    expect(await call).toMatchObject(failure);
    expect(await errorOf(subject.manager.getToken())).toMatchObject(failure);
    expect(subject.requests).toHaveLength(1);
  });

  it.each([0, -60, Number.NaN, 'soon', '', null])('of %o s is a failure, too', async (lifetime) => {
    const { manager, requests } = start();
    const call = errorOf(manager.getToken());
    await settle();
    const body = { status: 'Ok', access_token: 'token-1', seconds_until_expiry: lifetime };
    at(requests, 0).answer(200, body);
    expect(await call).toMatchObject({ code: 'TOKEN_RESPONSE_INVALID' });
    expect(requests).toHaveLength(1);
  });
});
