import ky from 'ky';
import kyOldest from 'ky-oldest';
import { inspect } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { kyHooks, type KyHookState } from '../../../src/adapters/ky/index.js';
import {
  markets,
  orders,
  setUp,
  setUpRefused,
  startForeign,
  startServer,
  statuses,
} from '../setup.js';

/* What the README says that kyHooks cannot do, and authenticateKy can. */

const oldKy = kyOldest as unknown as typeof ky;

describe.each([
  ['ky 2', ky],
  ['ky 1.5.0', oldKy],
] as const)('kyHooks on %s', (_, client) => {
  it('do not guard a redirect: the app key goes with it', async () => {
    const { tt, manager } = await setUp();
    const { url, seen } = await startForeign();
    tt.redirect(markets, { status: 302, location: `${url}/elsewhere` });
    await client(tt.url + markets, { hooks: kyHooks(manager) });
    expect(seen[0]).toContain(tt.apiKey);
  });

  it('leave the token in the inspection of an error', async () => {
    const { tt, manager } = await setUp();
    tt.failNextRequests({ status: 500, count: 1 });
    const error: unknown = await client(tt.url + markets, {
      retry: 0,
      hooks: kyHooks(manager),
    }).catch((reason: unknown) => reason);
    const { accessToken } = await manager.getToken();
    expect(inspect(error, { depth: 10 })).toContain(accessToken);
  });

  it('hold the whole of a stream before it is sent, and replay it', async () => {
    const { tt, manager } = await setUpRefused();
    const body = new Blob(['the body']).stream();
    const options = { body, duplex: 'half' as const, retry: 0, hooks: kyHooks(manager) };
    expect((await client.post(tt.url + orders, options)).status).toBe(200);
    expect(tt.requests.map((request) => request.body)).toEqual(['the body', 'the body']);
    for (const { headers } of tt.requests) expect(headers['content-length']).toBe('8');
  });

  it.each([200, false] as const)('end a replay by the timeout of the call: %s', async (timeout) => {
    let count = 0;
    const { url } = await startServer((_request, response) => {
      count += 1;
      // Without a timeout, the caller ends it.
      if (count === 1) response.writeHead(401).end();
      else if (timeout === false) controller.abort(new Error('enough'));
    });
    const controller = new AbortController();
    const { manager } = await setUp(url);
    await manager.getToken();
    const options = { timeout, retry: 0, signal: controller.signal, hooks: kyHooks(manager) };
    const error: unknown = await client(url, options).catch((reason: unknown) => reason);
    if (timeout === false) expect(String(error)).toMatch(/enough|abort/i);
    else expect(error).toMatchObject({ name: 'TimeoutError' });
    expect(count).toBe(2);
  });

  it('do not count the wait for a token in the timeout', async () => {
    const { tt, manager } = await setUp();
    tt.configure({ latencyMs: 1_500 });
    const options = { timeout: 1_000, retry: 0, hooks: kyHooks(manager) };
    expect((await client(tt.url + markets, options)).status).toBe(200);
  });

  it("replay through the instance's own fetch where ky shows it: on ky 1", async () => {
    const { tt, manager } = await setUpRefused();
    let sent = 0;
    const own = client.create({
      fetch: (...request) => (sent++, globalThis.fetch(...request)),
      hooks: kyHooks(manager),
    });
    expect((await own(tt.url + markets)).status).toBe(200);
    expect(statuses(tt)).toEqual([401, 200]);
    expect(sent).toBe(client === oldKy ? 2 : 1);
  });

  it("reject with the caller's own reason where the caller leaves before the replay", async () => {
    const { tt, manager } = await setUpRefused();
    onTestFinished(tt.holdTokenRequests());
    const controller = new AbortController();
    const own = client.create({ hooks: kyHooks(manager), retry: 0 });
    const sent = own(tt.url + markets, { signal: controller.signal });
    const outcome = expect(sent).rejects.toThrow('enough');
    await tt.waitForTokenRequests(2);
    controller.abort(new Error('enough'));
    await outcome;
  });

  it('give up the clone of a response that they do not keep', async () => {
    const { tt, manager } = await setUp();
    const given: (Response | undefined)[] = [];
    const hooks = kyHooks(manager);
    const afterResponse = (...call: readonly unknown[]): Promise<Response | undefined> => {
      const [state, , third] = call as [KyHookState, object?, Response?];
      given.push(state.response ?? third);
      const [after] = hooks.afterResponse;
      return Reflect.apply(after as () => unknown, undefined, call) as Promise<
        Response | undefined
      >;
    };
    const own = client.create({ hooks: { ...hooks, afterResponse: [afterResponse] } });
    expect(await own(tt.url + markets).text()).not.toBe('');
    expect(given.map((response) => response?.bodyUsed)).toEqual([true]);
  });

  it('report a second refusal, which goes to the caller', async () => {
    const { tt, manager } = await setUp();
    const rejected: unknown[] = [];
    manager.on('rejected', (event) => rejected.push(event));
    tt.failNextRequests({ status: 401, count: 2 });
    const own = client.create({ hooks: kyHooks(manager), throwHttpErrors: false, retry: 0 });
    expect((await own(tt.url + markets)).status).toBe(401);
    expect(tt.requests).toHaveLength(2);
    expect(rejected).toHaveLength(2);
  });
});

it('on ky 1 no beforeRequest hook behind kyHooks runs', async () => {
  const { tt, manager } = await setUp();
  const ran: string[] = [];
  const beforeRequest = [(): void => void ran.push('behind')];
  const own = oldKy.create({ hooks: kyHooks(manager) }).extend({ hooks: { beforeRequest } });
  expect((await own(tt.url + markets)).status).toBe(200);
  expect(ran).toEqual([]);
});

it('kyHooks give up the answer of a replay whose check fails', async () => {
  const { tt, manager } = await setUpRefused();
  const reason = new Error('no check');
  let checks = 0;
  const isTokenRejected = (): boolean | Promise<boolean> =>
    ++checks === 1 || Promise.reject(reason);
  const { beforeRequest, afterResponse } = kyHooks(manager, { isTokenRejected });
  let replayed: Response | undefined;
  const own: typeof fetch = async (input, init) => (replayed = await fetch(input, init));
  const options = { fetch: own, headers: {} };
  const request = await beforeRequest[0]?.(new Request(tt.url + markets), options);
  if (!request) throw new Error('there is no hook');
  const refused = await fetch(request);
  await expect(afterResponse[0]?.(request, options, refused)).rejects.toBe(reason);
  expect(replayed?.bodyUsed).toBe(true);
});
