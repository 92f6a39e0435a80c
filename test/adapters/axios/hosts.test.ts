import axios, { type AxiosAdapter, type AxiosRequestConfig } from 'axios';
import { createRequire } from 'node:module';
import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { authenticateAxios } from '../../../src/adapters/axios/index.js';
import { expectNoSecrets } from '../../helpers/expect-no-secrets.js';
import {
  expectStranger,
  markets,
  orders,
  requestIds,
  setUp,
  setUpRefused,
  startForeign,
  startServer,
  statuses,
} from '../setup.js';

it.each<[string, AxiosRequestConfig]>([
  ['without params', {}],
  ['with params', { params: { a: 'x y', b: [1, 2] } }],
  ['with a serializer', { params: { a: 1 }, paramsSerializer: { serialize: () => 'own=1' } }],
])('shows an adapter that answers by itself what the caller wrote, %s', async (_, config) => {
  const { tt, manager } = await setUp();
  const seen: AxiosRequestConfig[] = [];
  const adapter: AxiosAdapter = (sent) => {
    seen.push(sent);
    return Promise.resolve({ status: 200, statusText: '', data: '{}', headers: {}, config: sent });
  };
  const instance = axios.create({ baseURL: tt.url, adapter });
  authenticateAxios(instance, manager);
  const response = await instance.get(markets, config);
  expect(seen).toHaveLength(1);
  const sent = seen[0] ?? {};
  expect(sent).toMatchObject({ url: markets, baseURL: tt.url });
  expect(JSON.stringify({ params: sent.params as object })).toBe(
    JSON.stringify({ params: config.params as object }),
  );
  expect(sent.headers).toHaveProperty('x-api-key', tt.apiKey);
  const bare = axios.getUri({ baseURL: tt.url, url: markets, ...config });
  const uri = /[?&]requestId=Adapter-Tests--[\da-f-]{36}$/;
  expect(axios.getUri(sent)).toMatch(uri);
  expect(axios.getUri(sent).replace(uri, '')).toBe(bare);
  expect(axios.getUri(response.config)).toBe(bare);
});

it('keeps what an adapter notes on the config', async () => {
  const { tt, manager } = await setUp();
  const http = axios.getAdapter('http');
  const adapter: AxiosAdapter = (config) => http(Object.assign(config, { note: 'here' }));
  const instance = axios.create({ baseURL: tt.url, adapter });
  authenticateAxios(instance, manager);
  const { config } = await instance.get(markets);
  expect(config).toHaveProperty('note', 'here');
  expect(Object.keys(config.headers).join()).not.toMatch(/x-api-key|authorization/i);
});

it('sends one config twice at a time with two request IDs, and leaves it clean', async () => {
  const { tt, manager } = await setUp();
  await manager.getToken();
  const instance = axios.create({ baseURL: tt.url });
  instance.interceptors.request.use((config) => {
    const inner = config.adapter as AxiosAdapter;
    config.adapter = async (given) => (await Promise.all([inner(given), inner(given)]))[1];
    return config;
  });
  authenticateAxios(instance, manager);
  const { config } = await instance.get(markets, { params: { a: 1 } });
  expect(requestIds(tt)).toBe(2);
  expect([config.url, config.params, config.paramsSerializer]).toEqual([
    markets,
    { a: 1 },
    undefined,
  ]);
  expect(Object.keys(config.headers).join()).not.toMatch(/x-api-key|authorization/i);
});

it.each([
  ['http', '5000'],
  ['http', '5000ms'],
  ['fetch', '5000'],
])('reads a timeout that is text, over %s: %s', async (adapter, text) => {
  const { tt, manager } = await setUp();
  const timeout = text as unknown as number;
  const instance = axios.create({ baseURL: tt.url, adapter: adapter as 'http', timeout });
  authenticateAxios(instance, manager);
  tt.configure({ apiLatencyMs: 50 });
  expect((await instance.get(markets)).status).toBe(200);
});

it("leaves a timeout without a number to axios's own error", async () => {
  const { tt, manager } = await setUp();
  const instance = axios.create({ baseURL: tt.url, timeout: 'soon' as unknown as number });
  authenticateAxios(instance, manager);
  await expect(instance.get(markets)).rejects.toMatchObject({ code: 'ERR_BAD_OPTION_VALUE' });
});

it('asks for what a URL object and params were when the request was made', async () => {
  const { tt, manager } = await setUp();
  const instance = axios.create();
  authenticateAxios(instance, manager);
  const url = new URL(markets, tt.url);
  const params = new URLSearchParams();
  const asked = ['1', '2', '3'].map((page) => {
    url.searchParams.set('page', page);
    params.set('part', page);
    return instance.get(url as unknown as string, { params });
  });
  await Promise.all(asked);
  const pages = tt.requests.map(({ query }) => /page=(\d)&part=(\d)/.exec(query)?.slice(1).join());
  expect(pages.sort()).toEqual(['1,1', '2,2', '3,3']);
});

it("hands over the 401 of npm's form-data, a stream with the tag of a form", async () => {
  const { tt, manager } = await setUpRefused();
  const instance = axios.create({ baseURL: tt.url, validateStatus: () => true });
  authenticateAxios(instance, manager);
  const form = Object.assign(new PassThrough(), { [Symbol.toStringTag]: 'FormData' });
  form.end('side=buy');
  expect((await instance.post(orders, form)).status).toBe(401);
  expect((await instance.get(markets)).status).toBe(200);
  expect(statuses(tt)).toEqual([401, 200]);
});

/** The CommonJS build, a second copy of axios in this process. */
const otherAxios = createRequire(import.meta.url)('axios') as typeof axios;

const wrapped: [string, AxiosAdapter][] = [
  ['the fetch adapter', axios.getAdapter('fetch')],
  ['the http adapter', axios.getAdapter('http')],
  ["another axios's http adapter", otherAxios.getAdapter('http')],
];

it.each(wrapped)('takes nothing along a redirect by a function around %s', async (_, inner) => {
  const { tt, manager } = await setUp();
  const { url, seen } = await startForeign();
  tt.redirect('/a', { status: 302, location: markets });
  tt.redirect('/b', { status: 302, location: url });
  const instance = axios.create({ baseURL: tt.url, adapter: (config) => inner(config) });
  authenticateAxios(instance, manager);
  expect((await instance.get('/a')).status).toBe(200);
  expect(requestIds(tt)).toBe(2);
  expect((await instance.get('/b')).data).toBe('foreign');
  expectStranger(seen, { times: 1 });
});

it.each(wrapped.slice(1))(
  'follows no redirect of a request with a beforeRedirect that a function around %s cannot call',
  async (_, inner) => {
    const { tt, manager } = await setUp();
    tt.redirect('/a', { status: 302, location: markets });
    const instance = axios.create({ baseURL: tt.url, adapter: (config) => inner(config) });
    authenticateAxios(instance, manager);
    const beforeRedirect = (): void => undefined;
    await expect(instance.get('/a', { beforeRedirect })).rejects.toMatchObject({
      code: 'ERR_FR_REDIRECTION_FAILURE',
      message: expect.stringContaining('beforeRedirect is called by') as string,
    });
    expect(tt.requests).toHaveLength(1);
  },
);

it('shows beforeRedirect its own URL, and obeys its veto', async () => {
  const { tt, manager } = await setUp();
  tt.redirect('/a', { status: 302, location: '/next?b=1' });
  const instance = axios.create({ baseURL: tt.url, adapter: 'http' });
  authenticateAxios(instance, manager);
  const seen: unknown[] = [];
  const beforeRedirect: AxiosRequestConfig['beforeRedirect'] = (options, ...details) => {
    seen.push([options.path, options.href, options.hostname]);
    seen.push(JSON.stringify([options.headers, details]));
    throw new Error('vetoed');
  };
  const error: unknown = await instance.get('/a', { beforeRedirect }).catch((e: unknown) => e);
  const { message, cause } = error as Error;
  expect([message, (cause as Error | undefined)?.message].join()).toContain('vetoed');
  expect(seen[0]).toEqual(['/next?b=1', `${tt.url}/next?b=1`, '127.0.0.1']);
  expect(seen[1]).not.toMatch(/x-api-key|bearer|requestId/i);
  expect(tt.requests).toHaveLength(1);
});

type Change = (options: Record<string, unknown>, foreign: URL) => void;
const changes: [string, Change][] = [
  ['port', (options, { port }) => (options.port = port)],
  ['hostname', (options, { port }) => Object.assign(options, { hostname: 'localhost', port })],
  [
    'host alone',
    (options, { port }) => Object.assign(options, { hostname: '', host: '127.0.0.1', port }),
  ],
  ['a proxy', (options, { port }) => Object.assign(options, { port, path: options.href })],
];

const viaHttp: [string, AxiosAdapter | 'http'][] = [
  ['http', 'http'],
  ['http in a function', (config) => axios.getAdapter('http')(config)],
  ["another axios's http", otherAxios.getAdapter('http')],
];

it.each(
  viaHttp.flatMap(([name, adapter]) =>
    changes.map((change) => [name, adapter, ...change] as const),
  ),
)('gives no credentials to where a hook leads: %s, %s%s', async (_, adapter, _name, change) => {
  const { url, seen } = await startForeign();
  const api = await startServer((request, response) => {
    const isStart = request.url?.startsWith('/start');
    response.writeHead(isStart ? 302 : 200, isStart ? { location: '/next' } : {});
    response.end();
  });
  const { manager } = await setUp(api.url);
  const instance = axios.create({ baseURL: api.url, adapter });
  authenticateAxios(instance, manager);
  const beforeRedirect = (options: Record<string, unknown>): void => change(options, new URL(url));
  await instance.get('/start', { beforeRedirect }).catch(() => undefined);
  expect(seen.join()).not.toMatch(/x-api-key|bearer|requestId/i);
});

it.each(['http', 'fetch'])(
  'shows no credentials in the error of a stream, over %s',
  async (name) => {
    const { url } = await startServer((_, response) => {
      response.write('x');
      response.end('y'.repeat(100));
    });
    const { tt, manager } = await setUp(url);
    const { accessToken } = await manager.getToken();
    const instance = axios.create({ adapter: name as 'http' });
    authenticateAxios(instance, manager);
    const config = { responseType: 'stream', maxContentLength: 10 } as const;
    const response = await instance.get<AsyncIterable<Uint8Array>>(url, config);
    const read = async (): Promise<void> => {
      for await (const chunk of response.data) expect(chunk).toBeDefined();
    };
    const error: unknown = await read().catch((reason: unknown) => reason);
    expect(error).toHaveProperty('config', response.config);
    expectNoSecrets({ accessToken, apiKey: tt.apiKey }, error);
  },
);
