import { describe, expect, it } from 'vitest';
import { memoryStore } from '../../src/index.js';
import { heldFetch } from '../helpers/held-fetch.js';
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

const force = { forceRefresh: true };

describe('a forced refresh', () => {
  it('gives a token obtained after the call, while the old one is fresh', async () => {
    const subject = start();
    await getFirst(subject, 'token-1');
    await pass(1);
    const forced = subject.manager.getToken(force);
    await settle();
    expect(await tokenOf(subject)).toBe('token-1');
    at(subject.requests, 1).grant('token-2');
    expect(await forced).toMatchObject({ accessToken: 'token-2', obtainedAt: startOfTime + 1 });
    expect(await tokenOf(subject)).toBe('token-2');
    expect(subject.last('refreshed')).toMatchObject({ reason: 'forced' });
  });

  it('asks even in the very millisecond in which the old token was obtained', async () => {
    const subject = start();
    await getFirst(subject, 'token-1');
    const forced = subject.manager.getToken(force);
    await settle();
    at(subject.requests, 1).grant('token-2');
    expect((await forced).accessToken).toBe('token-2');
  });

  it('shares one request with other forced calls', async () => {
    const subject = start();
    const calls = Array.from({ length: 50 }, () => subject.manager.getToken(force));
    await settle();
    at(subject.requests, 0).grant('token-1');
    for (const token of await Promise.all(calls)) expect(token.accessToken).toBe('token-1');
    expect(subject.requests).toHaveLength(1);
  });

  it('shares the next request with all forced calls that come while one is under way', async () => {
    const subject = start();
    const first = subject.manager.getToken(force);
    await settle();
    const later = Array.from({ length: 50 }, () => subject.manager.getToken(force));
    await settle();
    expect(subject.requests).toHaveLength(1);
    at(subject.requests, 0).grant('token-1');
    expect((await first).accessToken).toBe('token-1');
    await settle();
    at(subject.requests, 1).grant('token-2');
    for (const token of await Promise.all(later)) expect(token.accessToken).toBe('token-2');
    expect(subject.requests).toHaveLength(2);
  });

  it('takes the token of a refresh under way whose request is sent after the call', async () => {
    let giveSecret = (): void => undefined;
    const secret = new Promise<string>((resolve) => (giveSecret = () => resolve(apiSecret)));
    const subject = start({ apiSecret: () => secret });
    const needed = subject.manager.getToken();
    await pass(1);
    const forced = subject.manager.getToken(force);
    await pass(1);
    giveSecret();
    await settle();
    at(subject.requests, 0).grant('token-1');
    expect((await needed).accessToken).toBe('token-1');
    expect((await forced).accessToken).toBe('token-1');
    await settle();
    expect(subject.requests).toHaveLength(1);
  });

  it('takes the token of a refresh under way whose request is sent in the millisecond of the call', async () => {
    const subject = start();
    const calls = [subject.manager.getToken(), subject.manager.getToken(force)];
    await settle();
    at(subject.requests, 0).grant('token-1');
    for (const token of await Promise.all(calls)) expect(token.accessToken).toBe('token-1');
    expect(subject.requests).toHaveLength(1);
  });

  it('shares one request among managers on one store', async () => {
    const { managers, requests } = startAll(4);
    await getFirst({ manager: at(managers, 0).manager, requests }, 'token-1');
    for (const subject of managers) await tokenOf(subject);
    await pass(1);
    const first = at(managers, 0).manager.getToken(force);
    // Its request is sent after the others' calls, as theirs has to be.
    const calls = managers.slice(1).map(({ manager }) => manager.getToken(force));
    await pass(1);
    expect(requests).toHaveLength(2);
    at(requests, 1).grant('token-2');
    expect((await first).accessToken).toBe('token-2');
    await pass(100);
    // Sent in the millisecond of their call: not obtained after it, as far as anybody can tell.
    expect(requests).toHaveLength(3);
    at(requests, 2).grant('token-3');
    await pass(second);
    const tokens = await Promise.all(calls);
    expect(new Set(tokens.map(({ accessToken }) => accessToken))).toEqual(new Set(['token-3']));
  });

  it('does not take the token of a needed refresh that was sent before it', async () => {
    const subject = start();
    const needed = subject.manager.getToken();
    await pass(1);
    const forced = follow(subject.manager.getToken(force));
    await settle();
    expect(subject.requests).toHaveLength(1);
    at(subject.requests, 0).grant('token-1');
    expect((await needed).accessToken).toBe('token-1');
    await settle();
    expect(forced().state).toBe('pending');
    expect(subject.requests).toHaveLength(2);
    at(subject.requests, 1).grant('token-2');
    await settle();
    expect(forced()).toMatchObject({ value: { accessToken: 'token-2' } });
  });

  it('does not take from another the very token that was refused meanwhile', async () => {
    let giveSecret = (): void => undefined;
    const secret = new Promise<string>((resolve) => (giveSecret = () => resolve(apiSecret)));
    const secrets = [apiSecret, secret];
    const store = memoryStore();
    const { fetch, requests } = heldFetch();
    const other = start({ store, fetch, apiSecret: () => secrets.shift() ?? apiSecret });
    const subject = start({ store, fetch });
    await getFirst({ manager: other.manager, requests }, 'token-1');
    expect(await tokenOf(subject)).toBe('token-1');
    await pass(1);
    const refreshing = other.manager.getToken(force);
    await settle();
    const forced = follow(subject.manager.getToken(force));
    await pass(1);
    subject.manager.invalidate('token-1');
    giveSecret();
    await settle();
    at(requests, 1).grant('token-1');
    expect((await refreshing).accessToken).toBe('token-1');
    await pass(second);
    expect(forced().state).toBe('pending');
    at(requests, 2).grant('token-2');
    await settle();
    expect(forced()).toMatchObject({ value: { accessToken: 'token-2' } });
    expect(subject.last('refreshed')).toMatchObject({ reason: 'refused' });
  });

  it('shares the failure of a needed refresh that failed after the call', async () => {
    const subject = start();
    const needed = errorOf(subject.manager.getToken());
    await pass(1);
    const forced = errorOf(subject.manager.getToken(force));
    await pass(1);
    at(subject.requests, 0).answer(500);
    expect(await needed).toMatchObject({ code: 'TOKEN_REQUEST_FAILED' });
    await settle();
    // The failure came after the forced call: it is that call's answer, too.
    expect(subject.requests).toHaveLength(1);
    expect(await forced).toMatchObject({ code: 'TOKEN_REQUEST_FAILED' });
  });

  it('is joined by needed callers, and leaves nobody waiting', async () => {
    const subject = start();
    const forced = subject.manager.getToken(force);
    await settle();
    const needed = subject.manager.getToken();
    await settle();
    expect(subject.requests).toHaveLength(1);
    at(subject.requests, 0).grant('token-1');
    for (const token of await Promise.all([forced, needed])) {
      expect(token.accessToken).toBe('token-1');
    }
    expect(subject.requests).toHaveLength(1);
  });

  it('rejects when it fails, although the old token is valid', async () => {
    const subject = start();
    await getFirst(subject, 'token-1');
    await pass(second);
    const forced = errorOf(subject.manager.getToken(force));
    await settle();
    at(subject.requests, 1).answer(500);
    expect(await forced).toMatchObject({
      code: 'TOKEN_REQUEST_FAILED',
      retryAt: startOfTime + 2 * second,
    });
    expect(await tokenOf(subject)).toBe('token-1');
    expect(subject.last('refreshFailed')).toMatchObject({ reason: 'forced' });
  });

  it('ignores the back-off', async () => {
    const subject = start();
    for (let attempt = 1; attempt <= 3; attempt++) {
      const forced = errorOf(subject.manager.getToken(force));
      await settle();
      expect(subject.requests).toHaveLength(attempt);
      at(subject.requests, -1).answer(500);
      await forced;
      await pass(1);
    }
    expect(await errorOf(subject.manager.getToken())).toMatchObject({
      retryAt: startOfTime + 2 + 4 * second,
    });
    expect(subject.requests).toHaveLength(3);
  });

  it('takes the token that another manager got after the call', async () => {
    const { managers, requests } = startAll(2);
    const [one, other] = [at(managers, 0), at(managers, 1)];
    const needed = one.manager.getToken();
    await pass(1);
    const forced = other.manager.getToken(force);
    await pass(1);
    // The one's request was sent before the forced call: the other asks after it, exactly once.
    at(requests, 0).grant('token-1');
    expect((await needed).accessToken).toBe('token-1');
    await pass(100);
    expect(requests).toHaveLength(2);
    at(requests, 1).grant('token-2');
    expect((await forced).accessToken).toBe('token-2');
    await pass(1);
    expect(await tokenOf(one)).toBe('token-1');
  });
});
