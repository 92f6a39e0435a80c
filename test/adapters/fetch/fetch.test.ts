import { Agent, fetch as undiciFetch, Request as UndiciRequest } from 'undici';
import { describe, expect, it, onTestFinished } from 'vitest';
import { authenticateFetch } from '../../../src/adapters/fetch/index.js';
import { startForTest } from '../../testing/client.js';
import {
  markets,
  orders,
  requestIds,
  setUp as setUpScene,
  setUpRefused as setUpRefusedScene,
  startForeign,
  startServer,
  statuses,
  type Scene,
} from '../setup.js';

/** A scene with a fetch of its manager. */
interface FetchScene extends Scene {
  readonly fetch: typeof globalThis.fetch;
}

async function setUp(
  platform = globalThis.fetch,
  ...trustedOrigins: readonly string[]
): Promise<FetchScene> {
  const scene = await setUpScene(...trustedOrigins);
  return { ...scene, fetch: authenticateFetch(platform, scene.manager) };
}

async function setUpRefused(platform = globalThis.fetch): Promise<FetchScene> {
  const scene = await setUpRefusedScene();
  return { ...scene, fetch: authenticateFetch(platform, scene.manager) };
}

const ownUndici = undiciFetch as unknown as typeof globalThis.fetch;
const OwnRequest = UndiciRequest as unknown as typeof Request;

describe('inputs', () => {
  it.each<[string, typeof globalThis.fetch, (url: string) => string | URL | Request]>([
    ['a string', globalThis.fetch, (url) => url],
    ['a URL', globalThis.fetch, (url) => new URL(url)],
    ['a Request', globalThis.fetch, (url) => new Request(url)],
    ["undici's Request", ownUndici, (url) => new OwnRequest(url)],
  ])('%s is sent and replayed', async (_, platform, input) => {
    const { tt, fetch } = await setUpRefused(platform);
    const response = await fetch(input(`${tt.url}${markets}?a=1`));
    expect(response.status).toBe(200);
    expect(statuses(tt)).toEqual([401, 200]);
    expect(tt.requests[1]?.query).toMatch(/^a=1&requestId=/);
  });

  it.each([
    ['global', globalThis.fetch, Request],
    ["undici's", ownUndici, OwnRequest],
  ])(
    'a %s Request with a body is replayed, its Content-Length kept',
    async (_, platform, RequestClass) => {
      const { tt, fetch } = await setUpRefused(platform);
      const headers = { 'content-type': 'application/json', 'x-own': '1' };
      const request = new RequestClass(tt.url + orders, {
        method: 'POST',
        body: '{"q":1}',
        headers,
      });
      expect((await fetch(request)).status).toBe(200);
      expect(tt.requests).toHaveLength(2);
      for (const { method, body, headers: sent } of tt.requests) {
        expect([method, body]).toEqual(['POST', '{"q":1}']);
        expect(sent).toMatchObject({ ...headers, 'content-length': '7' });
        expect(sent).not.toHaveProperty('transfer-encoding');
      }
    },
  );

  it('a Request with a text over 1 MiB is replayed', async () => {
    const { tt, fetch } = await setUpRefused();
    const body = 'x'.repeat(1_048_577);
    const large = (): Request => new Request(tt.url + orders, { method: 'POST', body });
    expect((await fetch(large())).status).toBe(200);
    expect(tt.requests.map((request) => request.body === body)).toEqual([true, true]);
  });

  it('the init beats the Request, headers and all', async () => {
    const { tt, fetch } = await setUp();
    const request = new Request(tt.url + orders, { method: 'PUT', headers: { 'x-first': '1' } });
    await fetch(request, { method: 'POST', body: 'init', headers: { 'x-second': '2' } });
    expect(tt.requests[0]).toMatchObject({ method: 'POST', body: 'init' });
    expect(tt.requests[0]?.headers).toMatchObject({ 'x-second': '2', 'x-api-key': tt.apiKey });
    expect(tt.requests[0]?.headers).not.toHaveProperty('x-first');
  });

  it("the caller's init and headers stay as they were", async () => {
    const { tt, fetch } = await setUpRefused();
    const init = Object.freeze({ method: 'POST', body: 'x', headers: Object.freeze({ a: '1' }) });
    expect((await fetch(tt.url + orders, init)).status).toBe(200);
    const headers = new Headers({ a: '1' });
    await fetch(tt.url + markets, { headers });
    expect([...headers]).toEqual([['a', '1']]);
  });

  it.each<[string, unknown, RequestInit]>([
    ['a URL', { toString: () => expect.fail('unreadable') }, {}],
    [
      'an init',
      markets,
      {
        get method(): string {
          return expect.fail('unreadable');
        },
      },
    ],
  ])('%s that cannot be read rejects', async (_, path, init) => {
    const { tt, fetch } = await setUp();
    const input = (typeof path === 'string' ? tt.url + path : path) as string;
    await expect(fetch(input, init)).rejects.toThrow('unreadable');
    expect(tt.requests).toEqual([]);
  });

  it('a fragment is not sent and does not swallow the request ID', async () => {
    const { tt, fetch } = await setUp();
    const response = await fetch(`${tt.url}${markets}?a=1#part`);
    expect(response.status).toBe(200);
    expect(tt.requests[0]?.url).toMatch(/\?a=1&requestId=[^#]+$/);
  });

  it("a relative URL fails as the platform's fetch does", async () => {
    const { tt, fetch } = await setUp();
    const message = async (fetchIt: typeof fetch): Promise<string> =>
      fetchIt('/relative').then(
        () => 'answered',
        (error: unknown) => String(error),
      );
    expect(await message(fetch)).toBe(await message(globalThis.fetch));
    expect(tt.tokenRequests).toHaveLength(0);
  });

  it('a method that fetch does not know is sent as it was written', async () => {
    const { tt, fetch } = await setUp();
    expect((await fetch(tt.url + orders, { method: 'propfind' })).status).toBe(400);
    expect((await fetch(tt.url + orders, { method: 'post' })).status).toBe(200);
    expect(tt.requests.map(({ method }) => method)).toEqual(['POST']);
  });

  it('a Request keeps its cache mode, which shows in headers', async () => {
    const { tt, fetch } = await setUp();
    await fetch(new Request(tt.url + markets, { cache: 'no-store' } as RequestInit));
    expect(tt.requests[0]?.headers).toMatchObject({ 'cache-control': 'no-cache' });
  });

  it('HEAD is sent and replayed without a body', async () => {
    const { tt, fetch } = await setUpRefused();
    const response = await fetch(tt.url + markets, { method: 'HEAD' });
    expect(await response.text()).toBe('');
    expect(tt.requests.map(({ method, body }) => method + body)).toEqual(['HEAD', 'HEAD']);
  });
});

describe('redirects', () => {
  it("are left to the caller with 'manual'", async () => {
    const { tt, fetch } = await setUp();
    tt.redirect(markets, { status: 302, location: '/elsewhere' });
    for (const input of [tt.url + markets, new Request(tt.url + markets, { redirect: 'manual' })]) {
      const response = await fetch(input, { redirect: 'manual' });
      expect([response.status, response.redirected]).toEqual([302, false]);
      expect(response.headers.get('location')).toBe('/elsewhere');
    }
    expect(tt.requests).toHaveLength(2);
  });

  it("fail with 'error'", async () => {
    const { tt, fetch } = await setUp();
    tt.redirect(markets, { status: 302, location: '/elsewhere' });
    await expect(fetch(tt.url + markets, { redirect: 'error' })).rejects.toThrow(TypeError);
    await expect(fetch(new Request(tt.url + markets, { redirect: 'error' }))).rejects.toThrow(
      TypeError,
    );
    expect(tt.requests).toHaveLength(2);
  });

  it('show in response.redirected, and only they', async () => {
    const { tt, fetch } = await setUp();
    const foreign = await startForeign();
    expect((await fetch(tt.url + markets)).redirected).toBe(false);
    tt.redirect('/inside', { status: 302, location: markets });
    const inside = await fetch(`${tt.url}/inside`);
    expect([inside.redirected, inside.url.split('?')[0]]).toEqual([true, tt.url + markets]);
    tt.redirect('/outside', { status: 302, location: `${foreign.url}/there` });
    const outside = await fetch(`${tt.url}/outside`);
    expect([outside.redirected, outside.url]).toEqual([true, `${foreign.url}/there`]);
    tt.redirect('/first', { status: 308, location: '/outside-with-body' });
    tt.redirect('/outside-with-body', { status: 307, location: foreign.url });
    const left = await fetch(`${tt.url}/first`, { method: 'POST', body: 'order' });
    expect([left.status, left.redirected]).toEqual([307, true]);
  });

  it('that go round end with a TypeError after 20, each with its own request ID', async () => {
    const { tt, fetch } = await setUp();
    tt.redirect('/a', { status: 302, location: '/b' });
    tt.redirect('/b', { status: 302, location: '/a' });
    await expect(fetch(`${tt.url}/a`)).rejects.toThrow(TypeError);
    expect(tt.requests).toHaveLength(21);
    expect(requestIds(tt)).toBe(21);
  });

  it.each(['http://[', 'ftp://127.0.0.1/x', 'data:text/plain,x', '/a'])(
    'to %s fail as the platform fails',
    async (location) => {
      const { tt, fetch } = await setUp();
      tt.redirect('/a', { status: 302, location });
      const failure = async (send: typeof fetch): Promise<unknown> => {
        const error: unknown = await send(`${tt.url}/a`).catch((reason: unknown) => reason);
        if (!(error instanceof TypeError)) throw new Error('it did not fail');
        return [error.message, (error.cause as Error).message];
      };
      expect(await failure(fetch)).toEqual(await failure(globalThis.fetch));
    },
  );

  it('to another trusted origin leave cookies behind', async () => {
    const sibling = await startForTest();
    const { tt, fetch } = await setUp(globalThis.fetch, sibling.url);
    tt.redirect('/inside', { status: 302, location: markets });
    tt.redirect('/beside', { status: 302, location: sibling.url + markets });
    const headers = { cookie: 'session=1', 'x-own': '1' };
    await fetch(`${tt.url}/inside`, { headers });
    expect(tt.requests[1]?.headers).toMatchObject(headers);
    await fetch(`${tt.url}/beside`, { headers });
    expect(sibling.requests[0]?.headers).toMatchObject({ 'x-own': '1', 'x-api-key': tt.apiKey });
    expect(sibling.requests[0]?.headers).not.toHaveProperty('cookie');
  });

  it('to a refusal are replayed there', async () => {
    const { tt, fetch } = await setUpRefused();
    tt.redirect('/a', { status: 307, location: orders });
    const response = await fetch(`${tt.url}/a`, { method: 'POST', body: 'x' });
    expect(response.status).toBe(200);
    expect(tt.requests.map(({ path, status, body }) => [path, status, body])).toEqual([
      ['/a', 307, 'x'],
      [orders, 401, 'x'],
      [orders, 200, 'x'],
    ]);
  });
});

describe('abort', () => {
  it('in mid-request rejects with the reason and leaves others alone', async () => {
    const { tt, fetch } = await setUp();
    const controller = new AbortController();
    const reason = new Error('enough');
    let arrive: () => void;
    const arrived = new Promise<void>((resolve) => (arrive = resolve));
    const hanging = await startServer(() => arrive());
    const { fetch: patient } = await setUp(globalThis.fetch, hanging.url);
    const sent = patient(hanging.url, { signal: controller.signal });
    await arrived;
    controller.abort(reason);
    await expect(sent).rejects.toBe(reason);
    expect((await fetch(tt.url + markets)).status).toBe(200);
  });

  it('before the call sends nothing', async () => {
    const { tt, fetch } = await setUp();
    const signal = AbortSignal.abort();
    await expect(fetch(tt.url + markets, { signal })).rejects.toThrow('aborted');
    await expect(fetch(new Request(tt.url + markets, { signal }))).rejects.toThrow('aborted');
    expect(tt.requests).toHaveLength(0);
  });
});

describe('connections', () => {
  it('serve the replay and what follows: one socket for all', async () => {
    const agent = new Agent({ connections: 1 });
    onTestFinished(() => agent.close());
    const onAgent = ((url: string, init: object) =>
      undiciFetch(url, { ...init, dispatcher: agent })) as unknown as typeof globalThis.fetch;
    const refused = new Set<string>();
    const { url, sockets } = await startServer(({ headers: { authorization = '' } }, response) => {
      if (refused.size === 0) refused.add(authorization);
      response.writeHead(refused.has(authorization) ? 401 : 200).end('answer');
    });
    const { fetch, tt } = await setUp(onAgent, url);
    for (let count = 0; count < 5; count++) {
      const response = await fetch(url);
      expect([response.status, await response.text()]).toEqual([200, 'answer']);
    }
    expect(tt.tokenRequests).toHaveLength(2);
    expect(sockets()).toBe(1);
  });
});
