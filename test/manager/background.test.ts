import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  at,
  errorOf,
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

const unhandled: unknown[] = [];
const note = (reason: unknown): void => void unhandled.push(reason);
beforeEach(() => {
  unhandled.length = 0;
  process.on('unhandledRejection', note);
});
afterEach(() => {
  process.off('unhandledRejection', note);
});

/** Lets Node report rejections that nobody handled. */
async function reportRejections(): Promise<void> {
  await settle();
  await settle();
}

describe('a background refresh that fails', () => {
  it('raises no unhandled rejection, and callers keep the old token', async () => {
    const subject = start();
    await getFirst(subject, 'token-1', 1_000);
    await pass(600 * second);
    expect(await tokenOf(subject)).toBe('token-1');
    await settle();
    at(subject.requests, 1).answer(500);
    await reportRejections();
    expect(unhandled).toEqual([]);
    expect(await tokenOf(subject)).toBe('token-1');
    expect(subject.events.map(({ name }) => name)).toEqual(['refreshed', 'refreshFailed']);
    expect(subject.last('refreshFailed')).toMatchObject({
      reason: 'ageing',
      code: 'TOKEN_REQUEST_FAILED',
      responseStatus: 500,
      retryAt: startOfTime + 601 * second,
    });
  });

  it('is tried again after its back-off, not before', async () => {
    const subject = start();
    await getFirst(subject, 'token-1', 1_000);
    await pass(600 * second);
    for (const [attempt, wait] of [1, 2, 4, 8, 16, 32, 60].entries()) {
      await subject.manager.getToken();
      await settle();
      expect(subject.requests).toHaveLength(attempt + 2);
      at(subject.requests, -1).answer(500);
      await settle();
      await pass(wait * second - 1);
      expect(await tokenOf(subject)).toBe('token-1');
      await settle();
      expect(subject.requests).toHaveLength(attempt + 2);
      await pass(1);
    }
    await subject.manager.getToken();
    await settle();
    at(subject.requests, -1).grant('token-2');
    await settle();
    expect(await tokenOf(subject)).toBe('token-2');
  });

  it('makes no second request when the token expires within the back-off, but one at expiry', async () => {
    const subject = start();
    await getFirst(subject, 'token-1', 100);
    await pass(90 * second);
    for (const wait of [1, 2, 4]) {
      await subject.manager.getToken();
      await settle();
      at(subject.requests, -1).answer(500);
      await pass(wait * second);
    }
    await subject.manager.getToken();
    await settle();
    at(subject.requests, -1).answer(500);
    // 97 s: the back-off of 8 s would end at 105 s.
    await pass(2 * second + 1);
    const before = subject.requests.length;
    const calls = Array.from({ length: 10 }, () => subject.manager.getToken());
    await settle();
    expect(subject.requests).toHaveLength(before + 1);
    at(subject.requests, -1).grant('token-2');
    for (const token of await Promise.all(calls)) expect(token.accessToken).toBe('token-2');
  });

  it('is shared: the other managers on the store keep the old token and do not ask', async () => {
    const { managers, requests } = startAll(4);
    await getFirst({ manager: at(managers, 0).manager, requests }, 'token-1', 1_000);
    for (const subject of managers) expect(await tokenOf(subject)).toBe('token-1');
    await pass(600 * second);
    await at(managers, 0).manager.getToken();
    await settle();
    at(requests, 1).answer(503, '', { 'retry-after': '30' });
    await settle();
    await pass(29 * second);
    for (const subject of managers) expect(await tokenOf(subject)).toBe('token-1');
    await settle();
    expect(requests).toHaveLength(2);
    await pass(1 * second);
    for (const subject of managers) expect(await tokenOf(subject)).toBe('token-1');
    await settle();
    expect(requests).toHaveLength(3);
  });

  it('reaches the callers that came to wait for it after the token’s end', async () => {
    const subject = start();
    await getFirst(subject, 'token-1', 10);
    await pass(8 * second);
    await subject.manager.getToken();
    await settle();
    await pass(3 * second);
    const call = errorOf(subject.manager.getToken());
    await settle();
    expect(subject.requests).toHaveLength(2);
    at(subject.requests, 1).answer(500);
    expect(await call).toMatchObject({ retryAt: startOfTime + 12 * second });
    await reportRejections();
    expect(unhandled).toEqual([]);
  });

  it('and a forced one that nobody waits for any more raise no unhandled rejection', async () => {
    const subject = start();
    const abort = new AbortController();
    const forceRefresh = true;
    const call = errorOf(subject.manager.getToken({ forceRefresh, signal: abort.signal }));
    await settle();
    abort.abort();
    await call;
    at(subject.requests, 0).answer(500);
    await reportRejections();
    expect(unhandled).toEqual([]);
  });
});
