import { describe, expect, it, vi } from 'vitest';
import {
  at,
  errorOf,
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
  type Started,
} from './setup.js';

useFakeClock();

/** Makes one attempt that fails; returns how long it is until the next. */
async function failOnce({ manager, requests }: Started, headers = {}): Promise<number> {
  const before = requests.length;
  const call = errorOf(manager.getToken());
  await settle();
  expect(requests).toHaveLength(before + 1);
  at(requests, -1).answer(500, '', headers);
  const { retryAt } = (await call) as { retryAt: number };
  return retryAt - Date.now();
}

describe('the back-off', () => {
  it('rejects callers at once, with the time of the next attempt and without a request', async () => {
    const subject = start();
    await failOnce(subject);
    await pass(999);
    expect(await errorOf(subject.manager.getToken())).toMatchObject({
      code: 'TOKEN_REQUEST_FAILED',
      retryAt: startOfTime + 1_000,
    });
    expect(subject.requests).toHaveLength(1);
  });

  it('ends: the next call asks anew', async () => {
    const subject = start();
    await failOnce(subject);
    await pass(second);
    await getFirst(subject, 'token-1');
    expect(subject.requests).toHaveLength(2);
  });

  it('doubles from 1 s up to 60 s', async () => {
    const subject = start();
    const waits: number[] = [];
    for (let attempt = 0; attempt < 9; attempt++) {
      const wait = await failOnce(subject);
      waits.push(wait / second);
      await pass(wait);
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
  });

  it('is shortened by up to a fifth, at random', async () => {
    vi.mocked(Math.random).mockReturnValue(0.999_999);
    const subject = start();
    expect(await failOnce(subject)).toBe(800);
  });

  it('starts at 1 s again after a success', async () => {
    const subject = start();
    await pass(await failOnce(subject));
    await pass(await failOnce(subject));
    await getFirst(subject, 'token-1', 10);
    await pass(10 * second);
    expect(await failOnce(subject)).toBe(1 * second);
  });

  it('allows one attempt per step among all managers on a store', async () => {
    const { managers, requests } = startAll(8);
    let attempts = 0;
    const until = startOfTime + 63 * second;
    while (Date.now() < until) {
      const calls = managers.map(({ manager }) => errorOf(manager.getToken()));
      await settle();
      if (requests.length > attempts) {
        expect(requests).toHaveLength(++attempts);
        at(requests, -1).answer(500);
      }
      await pass(50);
      for (const error of await Promise.all(calls)) {
        expect((error as { retryAt: number }).retryAt).toBeGreaterThan(Date.now());
      }
      await pass(200);
    }
    expect(attempts).toBe(6);
  });

  it('never sleeps past the moment the token held stops being handed out', async () => {
    const subject = start();
    await getFirst(subject, 'token-1', 100);
    await pass(98.5 * second);
    expect(await tokenOf(subject)).toBe('token-1');
    await settle();
    at(subject.requests, 1).answer(500);
    await settle();
    expect(subject.last('refreshFailed')).toMatchObject({ retryAt: startOfTime + 99 * second });
    await pass(0.5 * second + 1);
    const call = subject.manager.getToken();
    await settle();
    expect(subject.requests).toHaveLength(3);
    at(subject.requests, 2).grant('token-2');
    expect((await call).accessToken).toBe('token-2');
  });

  it('makes an attempt due at the very expiry', async () => {
    const subject = start();
    await getFirst(subject, 'token-1', 100);
    await pass(99.5 * second);
    const kept = subject.manager.getToken();
    await settle();
    at(subject.requests, 1).answer(500);
    expect((await kept).accessToken).toBe('token-1');
    expect(subject.last('refreshFailed')).toMatchObject({ retryAt: startOfTime + 100 * second });
    await pass(0.5 * second);
    await getFirst(subject, 'token-2');
    expect(subject.requests).toHaveLength(3);
  });
});

describe('connection errors and 502, 503, 504', () => {
  it.each([502, 503, 504])('cost up to 3 requests an attempt: %i', async (status) => {
    const { manager, requests, count } = start();
    const call = errorOf(manager.getToken());
    for (let request = 0; request < 3; request++) {
      await pass(request * 150);
      expect(requests).toHaveLength(request + 1);
      at(requests, -1).answer(status);
    }
    expect(await call).toMatchObject({ code: 'TOKEN_REQUEST_FAILED', responseStatus: status });
    expect(count('refreshFailed')).toBe(1);
    await pass(800);
    expect(requests).toHaveLength(3);
  });

  it('are nobody’s problem when a later request of the attempt succeeds', async () => {
    const { manager, requests, events } = start();
    const call = manager.getToken();
    await settle();
    at(requests, 0).fail();
    await pass(150);
    at(requests, 1).grant('token-1');
    expect((await call).accessToken).toBe('token-1');
    expect(events.map(({ name }) => name)).toEqual(['refreshed']);
  });

  it('end with a timeout that costs a single request', async () => {
    const { manager, requests } = start({ timeoutMs: 5_000 });
    const call = errorOf(manager.getToken());
    await pass(5_000);
    expect(await call).toMatchObject({ code: 'TOKEN_REQUEST_FAILED' });
    expect(at(requests, 0).init.signal?.aborted).toBe(true);
    expect(requests).toHaveLength(1);
  });
});

describe('a Retry-After', () => {
  it.each([
    [429, 'TOKEN_RATE_LIMITED'],
    [503, 'TOKEN_REQUEST_FAILED'],
  ])('of a %i is waited for, by a forced refresh too', async (status, code) => {
    const { manager, requests } = start();
    const call = errorOf(manager.getToken());
    await settle();
    at(requests, 0).answer(status, '', { 'retry-after': '120' });
    const retryAt = startOfTime + 2 * minute;
    expect(await call).toMatchObject({ code, responseStatus: status, retryAt });
    await pass(2 * minute - 1);
    expect(await errorOf(manager.getToken())).toMatchObject({ code, retryAt });
    const forced = manager.getToken({ forceRefresh: true });
    expect(await errorOf(forced)).toMatchObject({ code, retryAt });
    expect(requests).toHaveLength(1);
    await pass(1);
    await getFirst({ manager, requests }, 'token-1');
  });

  it('is waited for past the expiry of the token held', async () => {
    const subject = start();
    await getFirst(subject, 'token-1', 100);
    await pass(95 * second);
    await subject.manager.getToken();
    await settle();
    at(subject.requests, 1).answer(429, '', { 'retry-after': '30' });
    await pass(6 * second);
    expect(await errorOf(subject.manager.getToken())).toMatchObject({
      code: 'TOKEN_RATE_LIMITED',
      retryAt: startOfTime + 125 * second,
    });
    expect(subject.requests).toHaveLength(2);
  });

  it('binds the other managers on the store', async () => {
    const { managers, requests } = startAll(2);
    const [one, other] = [at(managers, 0), at(managers, 1)];
    const call = errorOf(one.manager.getToken());
    await settle();
    at(requests, 0).answer(429, '', { 'retry-after': '5' });
    await call;
    for (const forceRefresh of [false, true]) {
      const error = await errorOf(other.manager.getToken({ forceRefresh }));
      expect(error).toMatchObject({ retryAt: startOfTime + 5 * second });
    }
    expect(requests).toHaveLength(1);
  });
});
