import ky, { HTTPError, isTimeoutError } from 'ky';
import kyOldest from 'ky-oldest';
import { describe, expect, it, onTestFinished } from 'vitest';
import { authenticateKy, kyHooks } from '../../../src/adapters/ky/index.js';
import type { TokenManager } from '../../../src/index.js';
import type { FakeTT } from '../../../src/testing/index.js';
import { expectNoSecrets } from '../../helpers/expect-no-secrets.js';
import { startForTest } from '../../testing/client.js';
import { markets, orders, requestIds, setUp, setUpRefused, statuses } from '../setup.js';

interface Dispatcher {
  dispatch(...call: readonly unknown[]): boolean;
}

const quick = { limit: 2, delay: () => 0 };

/** A hook that has the manager hold another token. */
const forcedRefresh = (manager: TokenManager) => async (): Promise<void> => {
  await manager.getToken({ forceRefresh: true });
};

/** Expects that a 500 was retried with a token taken in between and another request ID. */
function expectRenewed(tt: FakeTT): void {
  expect(statuses(tt)).toEqual([500, 200]);
  expect(tt.requests.map(({ token }) => token)).toEqual(
    tt.tokenRequests.map(({ accessToken }) => accessToken),
  );
  expect(requestIds(tt)).toBe(2);
  for (const { query } of tt.requests) expect(query.match(/requestId=/g)).toHaveLength(1);
}

const oldKy = kyOldest as unknown as typeof ky;
const versions = [
  ['ky 2', ky],
  ['ky 1.5.0', oldKy],
] as const;

describe.each(versions)('authenticateKy on %s', (_, client) => {
  it("gives ky's own retries the current token and a new request ID", async () => {
    const { tt, manager } = await setUp();
    const beforeRetry = [forcedRefresh(manager)];
    const own = authenticateKy(client.create({ retry: quick, hooks: { beforeRetry } }), manager);
    tt.failNextRequests({ status: 500, count: 1 });
    expect((await own(tt.url + markets)).status).toBe(200);
    expectRenewed(tt);
  });

  it("runs the user's hooks once and in their order, with a replay beneath", async () => {
    const { tt, manager } = await setUpRefused();
    const ran: string[] = [];
    const own = authenticateKy(
      client.create({
        hooks: {
          beforeRequest: [() => void ran.push('request 1'), () => void ran.push('request 2')],
          beforeRetry: [() => void ran.push('retry')],
          afterResponse: [() => void ran.push('response 1'), () => void ran.push('response 2')],
        },
      }),
      manager,
    );
    expect((await own(tt.url + markets)).status).toBe(200);
    expect(ran).toEqual(['request 1', 'request 2', 'response 1', 'response 2']);
    expect(statuses(tt)).toEqual([401, 200]);
  });

  it('extended afterwards stays authenticated, and the given instance stays as it was', async () => {
    const { tt, manager } = await setUp();
    const given = client.create({ retry: 0, throwHttpErrors: false, headers: { 'x-given': '1' } });
    const extended = authenticateKy(given, manager).extend({ headers: { 'x-extended': '1' } });
    expect((await extended(tt.url + markets)).status).toBe(200);
    expect(tt.requests[0]?.headers).toMatchObject({ 'x-given': '1', 'x-extended': '1' });
    expect((await given(tt.url + markets)).status).not.toBe(200);
    expect(tt.requests[1]?.headers).not.toHaveProperty('authorization');
    expect(tt.requests[1]?.headers).not.toHaveProperty('x-api-key');
    expect(tt.requests[1]?.query).toBe('');
  });

  it("sends through the given instance's own fetch", async () => {
    const { tt, manager } = await setUp();
    let calls = 0;
    const fetch: typeof globalThis.fetch = (input, init) => {
      calls++;
      return globalThis.fetch(input, init);
    };
    await authenticateKy(client.create({ fetch }), manager)(tt.url + markets);
    expect(calls).toBe(1);
  });

  it('replays a JSON body and keeps searchParams', async () => {
    const { tt, manager } = await setUpRefused();
    const own = authenticateKy(client.create(), manager);
    await own.post(tt.url + orders, { json: { qty: 1 }, searchParams: { a: 1, b: 'x y' } });
    expect(statuses(tt)).toEqual([401, 200]);
    for (const { body, query, headers } of tt.requests) {
      expect(body).toBe('{"qty":1}');
      expect(query).toMatch(/^a=1&b=x\+y&requestId=/);
      expect(headers).toMatchObject({ 'content-type': 'application/json', 'content-length': '9' });
    }
    expect(requestIds(tt)).toBe(2);
  });

  it('replays a body over 1 MiB', async () => {
    const { tt, manager } = await setUpRefused();
    const own = authenticateKy(client.create({ retry: 0, throwHttpErrors: false }), manager);
    const body = 'x'.repeat(1_048_577);
    expect((await own.post(tt.url + orders, { body })).status).toBe(200);
    expect(tt.requests.map((request) => request.body === body)).toEqual([true, true]);
  });

  it('times out while it waits for a token, which others still get', async () => {
    const { tt, manager } = await setUp();
    const release = tt.holdTokenRequests();
    onTestFinished(release);
    const own = authenticateKy(client.create({ retry: 0 }), manager);
    const others = own(tt.url + markets);
    await tt.waitForTokenRequests(1);
    await expect(own(tt.url + markets, { timeout: 50 })).rejects.toHaveProperty(
      'name',
      'TimeoutError',
    );
    release();
    expect((await others).status).toBe(200);
    expect(tt.tokenRequests).toHaveLength(1);
    expect(tt.requests).toHaveLength(1);
  });

  it('shows no secret in an HTTPError', async () => {
    const { tt, manager } = await setUp();
    const own = authenticateKy(client.create({ retry: 0 }), manager);
    tt.failNextRequests({ status: 500, count: 1 });
    const error: unknown = await own
      .post(tt.url + orders, { json: { a: 1 } })
      .catch((reason: unknown) => reason);
    expect(error).toHaveProperty('name', 'HTTPError');
    const { accessToken } = await manager.getToken();
    const { apiKey, apiSecret } = tt;
    expectNoSecrets({ accessToken, apiKey, apiSecret }, error);
  });
});

it("authenticateKy keeps ky's own error classes", async () => {
  const { tt, manager } = await setUp();
  const own = authenticateKy(ky.create({ retry: 0 }), manager);
  tt.failNextRequests({ status: 500, count: 1 });
  await expect(own(tt.url + markets)).rejects.toBeInstanceOf(HTTPError);
  const release = tt.holdTokenRequests();
  onTestFinished(release);
  manager.invalidate((await manager.getToken()).accessToken);
  const error: unknown = await own(tt.url + markets, { timeout: 50 }).catch((e: unknown) => e);
  expect(isTimeoutError(error)).toBe(true);
});

describe.each(versions)('kyHooks on %s', (_, client) => {
  it('replay a refused request with a JSON body', async () => {
    const { tt, manager } = await setUpRefused();
    const own = client.create({ retry: 0, hooks: kyHooks(manager) });
    expect((await own.post(tt.url + orders, { json: { qty: 1 } })).status).toBe(200);
    expect(tt.requests.map(({ status, body }) => [status, body])).toEqual([
      [401, '{"qty":1}'],
      [200, '{"qty":1}'],
    ]);
    expect(requestIds(tt)).toBe(2);
  });

  it('keep cache mode and dispatcher in each attempt', async () => {
    const { tt, manager } = await setUpRefused();
    const platform = globalThis as unknown as Record<symbol, Dispatcher>;
    // Newer versions of Node have two; fetch uses the second.
    const [older, newer] = [1, 2].map((n) => Symbol.for(`undici.globalDispatcher.${n}`));
    const usual = platform[newer as symbol] ?? platform[older as symbol];
    let dispatched = 0;
    const dispatcher = {
      dispatch(...call: unknown[]) {
        dispatched++;
        return usual?.dispatch(...call);
      },
    };
    const own = client.create({ retry: 0, hooks: kyHooks(manager) });
    const options = { cache: 'no-store', dispatcher } as object;
    expect((await own(tt.url + markets, options)).status).toBe(200);
    expect(dispatched).toBe(2);
    expect(tt.requests.map(({ headers }) => headers['cache-control'])).toEqual([
      ...['no-cache', 'no-cache'],
    ]);
  });

  it('stand after hooks of the user, which all run', async () => {
    const { tt, manager } = await setUp();
    const ran: string[] = [];
    const own = client
      .create({
        retry: 0,
        hooks: {
          beforeRequest: [() => void ran.push('first'), () => void ran.push('second')],
          afterResponse: [(): void => void ran.push('response')],
        },
      })
      .extend({ hooks: kyHooks(manager) });
    expect((await own(tt.url + markets)).status).toBe(200);
    expect(ran).toEqual(['first', 'second', 'response']);
  });

  it('send nothing of ours where the manager does not trust', async () => {
    const { manager, tt } = await setUp();
    const stranger = await startForTest();
    const own = client.create({ retry: 0, throwHttpErrors: false, hooks: kyHooks(manager) });
    await own(stranger.url + markets);
    expect(stranger.requests[0]?.query).toBe('');
    expect(stranger.requests[0]?.headers).not.toHaveProperty('x-api-key');
    expect(tt.tokenRequests).toHaveLength(0);
  });
});

it.each(versions)("kyHooks renew token and request ID for %s's own retries", async (_, client) => {
  const { tt, manager } = await setUp();
  const own = client
    .create({
      retry: quick,
      hooks: { beforeRetry: [forcedRefresh(manager)] },
    })
    .extend({ hooks: kyHooks(manager) });
  tt.failNextRequests({ status: 500, count: 1 });
  expect((await own(tt.url + markets)).status).toBe(200);
  expectRenewed(tt);
});

// ky 1 ends the round of beforeRequest hooks with the first that returns a request.
it('kyHooks stand before hooks of the user on ky 2, which see the credentials', async () => {
  const { tt, manager } = await setUp();
  const seen: (string | null)[] = [];
  const beforeRequest = [
    ({ request }: { request: Request }) => void seen.push(request.headers.get('x-api-key')),
  ];
  const own = ky.create({ hooks: kyHooks(manager) }).extend({ hooks: { beforeRequest } });
  expect((await own(tt.url + markets)).status).toBe(200);
  expect(seen).toEqual([tt.apiKey]);
});
