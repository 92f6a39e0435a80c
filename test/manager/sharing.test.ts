import { describe, expect, it } from 'vitest';
import { memoryStore } from '../../src/index.js';
import { heldFetch } from '../helpers/held-fetch.js';
import {
  at,
  errorOf,
  follow,
  pass,
  second,
  settle,
  start,
  startAll,
  startOfTime,
  useFakeClock,
} from './setup.js';

useFakeClock();

describe('callers without a token', () => {
  it('share one token request, 100 of them', async () => {
    const { manager, requests } = start();
    const calls = Array.from({ length: 100 }, () => manager.getToken());
    await settle();
    expect(requests).toHaveLength(1);
    at(requests, 0).grant('token-1');
    const tokens = await Promise.all(calls);
    expect(new Set(tokens.map((token) => token.accessToken))).toEqual(new Set(['token-1']));
    expect(at(tokens, 0)).toEqual({
      accessToken: 'token-1',
      tokenType: 'bearer',
      obtainedAt: startOfTime,
      expiresAt: startOfTime + 86_400_000,
    });
    expect(requests).toHaveLength(1);
  });

  it('join a request that is already under way', async () => {
    const { manager, requests } = start();
    const early = manager.getToken();
    await settle();
    const late = manager.getToken();
    const authorized = manager.authorize('https://ttrestapi.trade.tt/ttpds/ext_uat_cert/markets');
    await settle();
    at(requests, 0).grant('token-1');
    expect((await early).accessToken).toBe('token-1');
    expect((await late).accessToken).toBe('token-1');
    expect((await authorized)?.accessToken).toBe('token-1');
    expect(requests).toHaveLength(1);
  });

  it('all learn of a failure, with its code and the time of the next attempt', async () => {
    const { manager, requests, count } = start();
    const calls = Array.from({ length: 100 }, () => errorOf(manager.getToken()));
    await settle();
    at(requests, 0).answer(500);
    for (const error of await Promise.all(calls)) {
      expect(error).toMatchObject({
        name: 'TokenError',
        code: 'TOKEN_REQUEST_FAILED',
        responseStatus: 500,
        retryAt: startOfTime + 1_000,
      });
    }
    expect(requests).toHaveLength(1);
    expect(count('refreshFailed')).toBe(1);
  });
});

describe('managers on one store', () => {
  it('share one token request between all their callers', async () => {
    const { managers, requests } = startAll(8);
    const calls = managers.flatMap(({ manager }) =>
      Array.from({ length: 10 }, () => manager.getToken()),
    );
    await settle();
    expect(requests).toHaveLength(1);
    at(requests, 0).grant('token-1');
    await pass(second);
    for (const token of await Promise.all(calls)) expect(token.accessToken).toBe('token-1');
    expect(requests).toHaveLength(1);
    expect(managers.map(({ count }) => count('refreshed'))).toEqual([1, 0, 0, 0, 0, 0, 0, 0]);
    expect(managers.map(({ count }) => count('adopted'))).toEqual([0, 1, 1, 1, 1, 1, 1, 1]);
  });

  it('share one failed attempt', async () => {
    const { managers, requests } = startAll(8);
    const calls = managers.map(({ manager }) => errorOf(manager.getToken()));
    await settle();
    at(requests, 0).answer(500);
    await pass(100);
    for (const error of await Promise.all(calls)) {
      expect(error).toMatchObject({ code: 'TOKEN_REQUEST_FAILED', retryAt: startOfTime + 1_000 });
    }
    expect(requests).toHaveLength(1);
    expect(managers.map(({ count }) => count('refreshFailed'))).toEqual([1, 0, 0, 0, 0, 0, 0, 0]);
  });

  it('take over when the one that asked is closed in mid-request', async () => {
    const { managers, requests } = startAll(3);
    const calls = managers.map(({ manager }) => follow(manager.getToken()));
    await settle();
    await at(managers, 0).manager.close();
    await pass(100);
    expect(requests).toHaveLength(2);
    at(requests, 1).grant('token-1');
    await pass(second);
    expect(at(calls, 0)()).toMatchObject({ state: 'rejected', error: { code: 'MANAGER_CLOSED' } });
    for (const call of calls.slice(1)) {
      expect(call()).toMatchObject({ value: { accessToken: 'token-1' } });
    }
    expect(requests).toHaveLength(2);
  });

  it('take a stored token without a request', async () => {
    const store = memoryStore();
    const first = start({ store });
    const other = start({ store });
    const call = first.manager.getToken();
    await settle();
    at(first.requests, 0).grant('token-1');
    await call;
    expect((await other.manager.getToken()).accessToken).toBe('token-1');
    expect(other.requests).toHaveLength(0);
    expect(other.count('adopted')).toBe(1);
  });

  it.each([
    ['keys', { apiKey: 'another-key' }],
    ['environments', { environment: 'LIVE' }],
    ['base URLs', { baseUrl: 'https://apigateway.trade.tt' }],
  ] as const)('do not mix different %s', async (_, difference) => {
    const store = memoryStore();
    const { fetch, requests } = heldFetch();
    const one = start({ store, fetch });
    const other = start({ store, fetch, ...difference });
    const calls = [one.manager.getToken(), other.manager.getToken()];
    await settle();
    expect(requests).toHaveLength(2);
    at(requests, 0).grant('token-1');
    at(requests, 1).answer(500);
    expect((await calls[0])?.accessToken).toBe('token-1');
    expect(await errorOf(at(calls, 1))).toMatchObject({ code: 'TOKEN_REQUEST_FAILED' });
    expect((await one.manager.getToken()).accessToken).toBe('token-1');
    expect(requests).toHaveLength(2);
  });
});
