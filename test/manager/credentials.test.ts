import { describe, expect, it } from 'vitest';
import { memoryStore, type TokenManagerOptions } from '../../src/index.js';
import { heldFetch } from '../helpers/held-fetch.js';
import {
  apiKey,
  at,
  errorOf,
  follow,
  getFirst,
  pass,
  second,
  settle,
  start,
  startOfTime,
  useFakeClock,
} from './setup.js';

useFakeClock();

/** Managers on one store and one fetch, each with options of its own. */
function startEach(...each: readonly Partial<TokenManagerOptions>[]) {
  const { fetch, requests } = heldFetch();
  const store = memoryStore();
  return { requests, managers: each.map((options) => start({ store, fetch, ...options })) };
}

const wrong = { apiSecret: 'the-wrong-secret' };
const right = { apiSecret: 'the-right-secret' };

describe('refused credentials', () => {
  it.each([
    [400, ''],
    [401, { message: 'Unauthorized' }],
    [403, { message: 'Forbidden' }],
    [200, { status: 'Fail', status_message: 'no such key' }],
    [200, { status: 'StatusFail' }],
  ])('are told apart by their code: %i %o', async (status, body) => {
    const { manager, requests } = start();
    const call = errorOf(manager.getToken());
    await settle();
    at(requests, 0).answer(status, body);
    expect(await call).toMatchObject({
      code: 'CREDENTIALS_REJECTED',
      responseStatus: status,
      retryAt: startOfTime + 1_000,
    });
  });

  it('are remembered by all managers with that key and secret, and by no other', async () => {
    const { managers, requests } = startEach(wrong, wrong, right);
    const [one, same, another] = [at(managers, 0), at(managers, 1), at(managers, 2)];
    const call = errorOf(one.manager.getToken());
    await settle();
    at(requests, 0).answer(401);
    await call;
    for (const { manager } of [one, same]) {
      expect(await errorOf(manager.getToken())).toMatchObject({ code: 'CREDENTIALS_REJECTED' });
    }
    expect(requests).toHaveLength(1);
    await getFirst({ manager: another.manager, requests }, 'token-1');
    expect(requests).toHaveLength(2);
    expect((await one.manager.getToken()).accessToken).toBe('token-1');
  });

  it('reach the waiting managers with that secret only: another asks as soon as it may', async () => {
    const { managers, requests } = startEach(wrong, wrong, right);
    const calls = managers.map(({ manager }) => follow(manager.getToken()));
    await settle();
    expect(requests).toHaveLength(1);
    at(requests, 0).answer(401);
    await pass(100);
    for (const call of calls.slice(0, 2)) {
      expect(call()).toMatchObject({ error: { code: 'CREDENTIALS_REJECTED' } });
    }
    expect(requests).toHaveLength(2);
    expect(at(requests, 1).init.body).toContain(right.apiSecret);
    at(requests, 1).grant('token-1');
    await pass(second);
    expect(at(calls, 2)()).toMatchObject({ value: { accessToken: 'token-1' } });
  });

  it('count as the same secret whether it is given bare or after the key', async () => {
    const prefixed = { apiSecret: `${apiKey}:${wrong.apiSecret}` };
    const { managers, requests } = startEach(wrong, prefixed);
    const call = errorOf(at(managers, 0).manager.getToken());
    await settle();
    at(requests, 0).answer(401);
    await call;
    const error = await errorOf(at(managers, 1).manager.getToken());
    expect(error).toMatchObject({ code: 'CREDENTIALS_REJECTED' });
    expect(requests).toHaveLength(1);
  });

  it('do not hold back the next secret that an apiSecret function gives', async () => {
    const secrets = [wrong.apiSecret];
    const { manager, requests } = start({ apiSecret: () => at(secrets, -1) });
    const call = errorOf(manager.getToken());
    await settle();
    at(requests, 0).answer(401);
    await call;
    const inBackOff = await errorOf(manager.getToken());
    expect(inBackOff).toMatchObject({ code: 'CREDENTIALS_REJECTED' });
    expect(requests).toHaveLength(1);
    secrets.push(right.apiSecret);
    // A hundred callers in one back-off do not ask the vault a hundred times.
    await pass(100);
    await getFirst({ manager, requests }, 'token-1');
    expect(at(requests, 1).init.body).toContain(right.apiSecret);
  });

  it('are tried again after their back-off, which doubles', async () => {
    const { manager, requests } = start();
    for (const wait of [1, 2, 4]) {
      const call = errorOf(manager.getToken());
      await settle();
      at(requests, -1).answer(403);
      expect(await call).toMatchObject({ retryAt: Date.now() + wait * second });
      await pass(wait * second);
    }
    expect(requests).toHaveLength(3);
  });

  it('are tried at once by a forced refresh', async () => {
    const { manager, requests } = start();
    const call = errorOf(manager.getToken());
    await settle();
    at(requests, 0).answer(401);
    await call;
    const forced = manager.getToken({ forceRefresh: true });
    await settle();
    expect(requests).toHaveLength(2);
    at(requests, 1).grant('token-1');
    expect((await forced).accessToken).toBe('token-1');
  });

  it('hold back every secret when the attempt failed for another reason', async () => {
    const { managers, requests } = startEach(wrong, right);
    const call = errorOf(at(managers, 0).manager.getToken());
    await settle();
    at(requests, 0).answer(500);
    await call;
    const error = await errorOf(at(managers, 1).manager.getToken());
    expect(error).toMatchObject({ code: 'TOKEN_REQUEST_FAILED' });
    expect(requests).toHaveLength(1);
  });
});
