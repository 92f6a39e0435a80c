import axios, {
  AxiosHeaders,
  isAxiosError,
  isCancel,
  type AxiosInstance,
  type AxiosResponse,
} from 'axios';
import axiosRetry from 'axios-retry';
import { getEventListeners } from 'node:events';
import { Agent } from 'node:http';
import { inspect } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { authenticateAxios } from '../../../src/adapters/axios/index.js';
import type { FakeTT } from '../../../src/testing/index.js';
import { expectNoSecrets } from '../../helpers/expect-no-secrets.js';
import {
  expectStranger,
  markets,
  orders,
  ownQuery,
  setUp,
  setUpRefused,
  startForeign,
  statuses,
} from '../setup.js';

describe.each(['http', 'fetch'] as const)('the %s adapter', (adapter) => {
  const create = (tt: FakeTT, config = {}): AxiosInstance =>
    axios.create({ adapter, baseURL: tt.url, ...config });

  it("runs the user's interceptors once and in their order, attached before and after", async () => {
    const { tt, manager } = await setUpRefused();
    const instance = create(tt);
    const ran: string[] = [];
    const add = (name: string): void => {
      instance.interceptors.request.use((config) => {
        ran.push(`request ${name}`);
        config.headers.set(`x-${name}`, '1');
        return config;
      });
      instance.interceptors.response.use((response) => {
        ran.push(`response ${name} ${response.status}`);
        return response;
      });
    };
    add('first');
    authenticateAxios(instance, manager);
    add('second');
    expect((await instance.get(markets)).status).toBe(200);
    expect(ran).toEqual([
      'request second',
      'request first',
      'response first 200',
      'response second 200',
    ]);
    expect(statuses(tt)).toEqual([401, 200]);
    for (const { headers } of tt.requests)
      expect(headers).toMatchObject({ 'x-first': '1', 'x-second': '1' });
  });

  it('replays below an interceptor that unwraps the data', async () => {
    const { tt, manager } = await setUpRefused();
    const instance = create(tt);
    instance.interceptors.response.use((response) => response.data as never);
    authenticateAxios(instance, manager);
    expect(await instance.get(markets)).toEqual(expect.any(Object));
    expect(statuses(tt)).toEqual([401, 200]);
  });

  it('replays where every status is valid, and hands over a second refusal as a response', async () => {
    const { tt, manager } = await setUpRefused();
    const instance = create(tt, { validateStatus: () => true });
    authenticateAxios(instance, manager);
    expect((await instance.get(markets)).status).toBe(200);
    tt.failNextRequests({ status: 401, count: 2 });
    expect((await instance.get(markets)).status).toBe(401);
  });

  it('replays a request for a stream, whose body can be read', async () => {
    const { tt, manager } = await setUpRefused();
    const httpAgent = new Agent({ keepAlive: true, maxSockets: 1 });
    onTestFinished(() => httpAgent.destroy());
    const instance = create(tt, { httpAgent });
    authenticateAxios(instance, manager);
    const { data } = await instance.get<AsyncIterable<Uint8Array>>(markets, {
      responseType: 'stream',
    });
    const chunks: Uint8Array[] = [];
    for await (const chunk of data) chunks.push(chunk);
    expect(JSON.parse(Buffer.concat(chunks).toString())).toEqual(expect.any(Object));
    expect(statuses(tt)).toEqual([401, 200]);
    expect((await instance.get(markets)).status).toBe(200);
  });

  it('shows no credentials in a stream, unread and read, of an answer and of an error', async () => {
    const { tt, manager } = await setUp();
    const { accessToken } = await manager.getToken();
    const { apiKey, apiSecret } = tt;
    const instance = create(tt, { responseType: 'stream' });
    authenticateAxios(instance, manager);
    for (const status of [200, 500]) {
      if (status === 500) tt.failNextRequests({ status });
      const handed: unknown = await instance.get(markets).catch((error: unknown) => error);
      const response = isAxiosError(handed) ? handed.response : (handed as AxiosResponse);
      expect(response?.status).toBe(status);
      expectNoSecrets({ accessToken, apiKey, apiSecret }, handed);
      const chunks: Uint8Array[] = [];
      for await (const chunk of response?.data as AsyncIterable<Uint8Array>) chunks.push(chunk);
      expect(JSON.parse(Buffer.concat(chunks).toString())).toEqual(expect.any(Object));
      expectNoSecrets({ accessToken, apiKey, apiSecret }, handed);
    }
  });

  it('transforms the request once', async () => {
    const { tt, manager } = await setUpRefused();
    const instance = create(tt);
    authenticateAxios(instance, manager);
    let runs = 0;
    const transformRequest = (data: object): string => JSON.stringify({ ...data, run: ++runs });
    await instance.post(orders, { qty: 1 }, { transformRequest });
    expect(tt.requests.map(({ body }) => body)).toEqual(['{"qty":1,"run":1}', '{"qty":1,"run":1}']);
  });

  it.each(['before', 'after'])(
    'gives the retries of axios-retry, attached %s, the current token and a new request ID',
    async (when) => {
      const { tt, manager } = await setUp();
      const instance = create(tt);
      if (when === 'after') authenticateAxios(instance, manager);
      axiosRetry(instance, {
        retries: 2,
        retryDelay: () => 0,
        onRetry: async () => {
          await manager.getToken({ forceRefresh: true });
        },
      });
      if (when === 'before') authenticateAxios(instance, manager);
      tt.failNextRequests({ status: 500, count: 1 });
      expect((await instance.get(`${markets}?a=1`)).status).toBe(200);
      expect(statuses(tt)).toEqual([500, 200]);
      expect(tt.requests.map(({ token }) => token)).toEqual(
        tt.tokenRequests.map(({ accessToken }) => accessToken),
      );
      expect(tt.requests[0]?.requestId).not.toBe(tt.requests[1]?.requestId);
      expect(ownQuery(tt, 1)).toBe('a=1');
    },
  );

  it('attached twice replays once, with one request ID', async () => {
    const { tt, manager } = await setUp();
    const instance = create(tt);
    authenticateAxios(instance, manager);
    authenticateAxios(instance, manager);
    tt.failNextRequests({ status: 401, count: Infinity });
    await expect(instance.get(markets)).rejects.toMatchObject({ response: { status: 401 } });
    expect(statuses(tt)).toEqual([401, 401]);
    expect([ownQuery(tt, 0), ownQuery(tt, 1)]).toEqual(['', '']);
  });

  it('on two instances shares one refresh', async () => {
    const { tt, manager } = await setUpRefused();
    const instances = [create(tt), create(tt)];
    for (const instance of instances) authenticateAxios(instance, manager);
    await Promise.all(instances.flatMap((one) => [one.get(markets), one.get(markets)]));
    expect(tt.tokenRequests).toHaveLength(2);
  });

  it('detached leaves the instance as it was', async () => {
    const { tt, manager } = await setUp();
    const instance = create(tt, { validateStatus: () => true });
    const before = inspect(instance.defaults, { depth: 10 });
    const detach = authenticateAxios(instance, manager);
    await instance.get(markets);
    detach();
    detach();
    const { config } = await instance.get(markets);
    expect(inspect(instance.defaults, { depth: 10 })).toBe(before);
    expect(config.adapter).toBe(adapter);
    expect(tt.requests[1]?.query).toBe('');
    expect(tt.requests[1]?.headers).not.toHaveProperty('authorization');
    expect(tt.requests[1]?.headers).not.toHaveProperty('x-api-key');
  });

  it.each<[string, (own: string, foreign: string) => object]>([
    ['an absolute url beside a base URL', (baseURL, url) => ({ baseURL, url })],
    ['a base URL', (_, baseURL) => ({ baseURL, url: markets })],
    ['both', (_, url) => ({ baseURL: url, url: `${url}/x` })],
    [
      'a base URL that takes even an absolute url of ours',
      (own, baseURL) => ({ baseURL, url: own + markets, allowAbsoluteUrls: false }),
    ],
    [
      'a url with our host as its user name',
      (own, foreign) => ({ url: foreign.replace('//', `//${new URL(own).host}@`) }),
    ],
  ])('reaches a foreign server with nothing of ours: %s', async (_, configOf) => {
    const { tt, manager } = await setUp();
    const { url, seen } = await startForeign();
    const instance = create(tt);
    authenticateAxios(instance, manager);
    expect((await instance.request(configOf(tt.url, url))).data).toBe('foreign');
    expectStranger(seen, { times: 1 });
    expect([tt.requests.length, tt.tokenRequests.length]).toEqual([0, 0]);
  });

  it.each<[string, (own: string, foreign: string) => object]>([
    ['a foreign base URL, which axios leaves out', (url, baseURL) => ({ baseURL, url })],
    [
      'a foreign absolute url, which our base URL takes',
      (baseURL, url) => ({ baseURL, url, allowAbsoluteUrls: false }),
    ],
  ])('reaches our server without credentials where in doubt: %s', async (_, configOf) => {
    const { tt, manager } = await setUp();
    const { url, seen } = await startForeign();
    const instance = create(tt, { validateStatus: () => true });
    authenticateAxios(instance, manager);
    expect((await instance.request(configOf(tt.url, url))).status).toBe(404);
    expectStranger(seen, { times: 0 });
    expect([tt.requests.length, tt.tokenRequests.length]).toEqual([1, 0]);
    expect(tt.requests[0]?.headers).not.toHaveProperty('x-api-key');
    expect(tt.requests[0]?.query).toBe('');
  });

  it('reaches nobody with a protocol-relative url, as without us', async () => {
    const { tt, manager } = await setUp();
    const { url, seen } = await startForeign();
    const instance = create(tt);
    const ask = (): Promise<unknown> => instance.get(url.replace('http:', ''));
    const bare: unknown = await ask().catch((error: unknown) => error);
    authenticateAxios(instance, manager);
    await expect(ask()).rejects.toThrow((bare as Error).message);
    expectStranger(seen, { times: 0 });
    expect([tt.requests.length, tt.tokenRequests.length]).toEqual([0, 0]);
  });

  it.each<[string, object, string]>([
    [
      'an object',
      { params: { a: 1, b: ['x', 'y'], c: 'x y' } },
      'q=0&a=1&b%5B%5D=x&b%5B%5D=y&c=x+y',
    ],
    ['URLSearchParams', { params: new URLSearchParams('a=1&a=2&c=(x)') }, 'q=0&a=1&a=2&c=%28x%29'],
    [
      'its own serializer',
      { params: { a: 1 }, paramsSerializer: { serialize: () => 'own=%28x%29' } },
      'q=0&own=%28x%29',
    ],
    ["the caller's requestId", { params: { requestId: 'mine', a: 1 } }, 'q=0&a=1'],
    [
      "the caller's requestId in URLSearchParams",
      { params: new URLSearchParams('requestId=mine&a=1') },
      'q=0&a=1',
    ],
  ])('sends params with one request ID: %s', async (_, config, query) => {
    const { tt, manager } = await setUp();
    const instance = create(tt);
    authenticateAxios(instance, manager);
    expect((await instance.get(`${markets}?q=0`, config)).status).toBe(200);
    expect(ownQuery(tt)).toBe(query);
  });

  it.each<[string, (url: string) => object]>([
    ['a base URL and an empty url', (baseURL) => ({ baseURL, url: '' })],
    ['a base URL alone', (baseURL) => ({ baseURL })],
    ['a base URL with a query', (url) => ({ baseURL: `${url}?q=0` })],
    ['a URL object', (url) => ({ url: new URL(url) })],
    ['a base URL that is null', (url) => ({ baseURL: null, url })],
  ])('sends a request to the very path that is written as %s', async (_, configOf) => {
    const { tt, manager } = await setUp();
    const instance = axios.create({ adapter });
    authenticateAxios(instance, manager);
    const { status, config } = await instance.request(configOf(tt.url + markets));
    expect(status).toBe(200);
    expect(tt.requests[0]?.path).toBe(markets);
    expect(config).toMatchObject(configOf(tt.url + markets));
  });

  it('is not beaten by auth in the config', async () => {
    const { tt, manager } = await setUp();
    const instance = create(tt, { auth: { username: 'user', password: 'word' } });
    authenticateAxios(instance, manager);
    expect((await instance.get(markets)).status).toBe(200);
    expect(tt.requests[0]?.token).toBe(tt.tokenRequests[0]?.accessToken);
  });

  it.each([
    ['the base URL', (url: string) => ({ baseURL: url, url: markets })],
    ['the url', (url: string) => ({ url: url + markets })],
    ['a base URL alone', (url: string) => ({ baseURL: url + markets })],
  ])('is not beaten by user and password in %s', async (_, configOf) => {
    const { tt, manager } = await setUp();
    const instance = create(tt);
    authenticateAxios(instance, manager);
    const config = configOf(tt.url.replace('//', '//us%40er:pass@'));
    const response = await instance.request(config);
    expect(response.status).toBe(200);
    expect(response.config).toMatchObject(config);
    expect(tt.requests[0]?.token).toBe(tt.tokenRequests[0]?.accessToken);
  });

  it.each<[string, object, object]>([
    ['its message', {}, { code: 'ECONNABORTED', message: 'timeout of 50ms exceeded' }],
    [
      "the caller's message",
      { timeoutErrorMessage: 'too slow' },
      { code: 'ECONNABORTED', message: 'too slow' },
    ],
    ['ETIMEDOUT', { transitional: { clarifyTimeoutError: true } }, { code: 'ETIMEDOUT' }],
  ])('times out while it waits for a token, with %s', async (_, config, error) => {
    const { tt, manager } = await setUp();
    const release = tt.holdTokenRequests();
    const instance = create(tt);
    authenticateAxios(instance, manager);
    const failure: unknown = await instance
      .get(markets, { timeout: 50, ...config })
      .catch((e: unknown) => e);
    expect(isAxiosError(failure)).toBe(true);
    expect(failure).toMatchObject(error);
    release();
    expect((await instance.get(markets)).status).toBe(200);
    expect(tt.tokenRequests).toHaveLength(1);
  });

  it('counts the wait for the token and the request together', async () => {
    const { tt, manager } = await setUp();
    const instance = create(tt);
    authenticateAxios(instance, manager);
    tt.configure({ latencyMs: 200, apiLatencyMs: 600 });
    const sent = instance.get(markets, { timeout: 700 });
    await expect(sent).rejects.toThrow(/^timeout of 700ms exceeded$/);
    expect(tt.requests).toHaveLength(1);
  });

  it('heeds a cancel token while it waits for a token', async () => {
    const { tt, manager } = await setUp();
    const release = tt.holdTokenRequests();
    onTestFinished(release);
    const instance = create(tt);
    authenticateAxios(instance, manager);
    const source = axios.CancelToken.source();
    const sent = instance.get(markets, { cancelToken: source.token });
    await tt.waitForTokenRequests(1);
    source.cancel('enough');
    const error: unknown = await sent.catch((reason: unknown) => reason);
    expect(isCancel(error)).toBe(true);
    expect(error).toMatchObject({ message: 'enough' });
    expect(tt.requests).toHaveLength(0);
  });

  it("has one listener for each request on the caller's signal, as axios has", async () => {
    const { tt, manager } = await setUp();
    const release = tt.holdTokenRequests();
    onTestFinished(release);
    tt.configure({ apiLatencyMs: 60_000 });
    const instance = create(tt, { timeout: 50_000 });
    authenticateAxios(instance, manager);
    const controller = new AbortController();
    const { signal } = controller;
    const sent = Promise.allSettled(
      Array.from({ length: 10 }, () => instance.get(markets, { signal })),
    );
    await tt.waitForTokenRequests(1);
    expect(getEventListeners(signal, 'abort')).toHaveLength(10);
    release();
    await expect.poll(() => tt.requests.length).toBe(10);
    expect(getEventListeners(signal, 'abort')).toHaveLength(10);
    controller.abort();
    const ends = await sent;
    expect(ends.every((end) => end.status === 'rejected' && isCancel(end.reason))).toBe(true);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it("puts the caller's own config on errors, which can be requested again", async () => {
    const { tt, manager } = await setUp();
    const instance = create(tt);
    authenticateAxios(instance, manager);
    tt.failNextRequests({ status: 500, count: 1 });
    const error: unknown = await instance
      .post(orders, { a: 1 }, { headers: { 'x-own': '1' } })
      .catch((reason: unknown) => reason);
    if (!isAxiosError(error) || !error.config) throw new Error('no error of axios');
    expect(error.config).toMatchObject({ url: orders, baseURL: tt.url });
    expect(error.response?.config).toBe(error.config);
    expect(error.config.headers.has('authorization')).toBe(false);
    expect(error.config.headers.has('x-api-key')).toBe(false);
    expect(error.config.headers.get('x-own')).toBe('1');
    expect((await instance.request(error.config)).status).toBe(200);
    expect(tt.requests.map(({ body }) => body)).toEqual(['{"a":1}', '{"a":1}']);
  });

  it('leaves no trace of an attempt in the config of a response', async () => {
    const { tt, manager } = await setUpRefused();
    const instance = create(tt);
    let before: unknown;
    instance.interceptors.request.use((config) => {
      // Until it is sent, it has one more transform.
      const transformRequest = [config.transformRequest ?? []].flat().slice(0, 1);
      before = inspect({ ...config, transformRequest }, { sorted: true });
      return config;
    });
    authenticateAxios(instance, manager);
    const headers = { 'content-type': 'text/plain' };
    const { config } = await instance.post(orders, 'text', { headers, timeout: 60_000 });
    expect(statuses(tt)).toEqual([401, 200]);
    expect(inspect({ ...config }, { sorted: true })).toBe(before);
  });

  it('sends auth of the config to no other origin', async () => {
    const { tt, manager } = await setUp();
    const { url, seen } = await startForeign();
    const instance = create(tt, { auth: { username: 'user', password: 'word' } });
    authenticateAxios(instance, manager);
    tt.redirect(markets, { status: 302, location: url });
    expect((await instance.get(markets)).data).toBe('foreign');
    expect(seen).toHaveLength(1);
    expect(seen[0]).not.toMatch(/authorization/i);
  });

  it("leaves the caller's config and headers as they were", async () => {
    const { tt, manager } = await setUpRefused();
    const instance = create(tt);
    authenticateAxios(instance, manager);
    const headers = new AxiosHeaders({ 'x-own': '1' });
    const params = Object.freeze({ requestId: 'mine', a: 1 });
    const config = Object.freeze({ url: markets, headers, params });
    const before = inspect(config, { depth: 10 });
    expect((await instance.request(config)).status).toBe(200);
    expect(inspect(config, { depth: 10 })).toBe(before);
    expect(statuses(tt)).toEqual([401, 200]);
  });
});

describe('redirects over the fetch adapter', () => {
  const create = (config: object): AxiosInstance => axios.create({ adapter: 'fetch', ...config });

  it.each(['http://[', 'ftp://127.0.0.1/x', '/a'])(
    'to %s fail as they do without us',
    async (location) => {
      const { tt, manager } = await setUp();
      tt.redirect('/a', { status: 302, location });
      const failure = async (instance: AxiosInstance): Promise<unknown> => {
        const error: unknown = await instance.get('/a').catch((reason: unknown) => reason);
        if (!isAxiosError(error)) throw new Error('it did not fail');
        return [error.message, error.code, error.response, error.cause?.message];
      };
      const wrapped = create({ baseURL: tt.url });
      authenticateAxios(wrapped, manager);
      expect(await failure(wrapped)).toEqual(await failure(create({ baseURL: tt.url })));
    },
  );

  it('to the same place keep the params', async () => {
    const { tt, manager } = await setUp();
    const instance = create({ baseURL: tt.url, maxRedirects: 1 });
    authenticateAxios(instance, manager);
    tt.redirect('/a', { status: 302, location: '#part' });
    await instance.get('/a', { params: { b: 1 } }).catch(() => undefined);
    expect(tt.requests).toHaveLength(21);
    expect(ownQuery(tt, 20)).toBe('b=1');
  });
});

it('works over a custom adapter function', async () => {
  const { tt, manager } = await setUp();
  const { accessToken } = await manager.getToken();
  const sent: string[] = [];
  const instance = axios.create({
    baseURL: tt.url,
    adapter(config) {
      const authorization = String(config.headers.get('authorization'));
      sent.push(authorization);
      const status = authorization === `Bearer ${accessToken}` ? 401 : 200;
      return Promise.resolve({ status, statusText: '', headers: {}, data: sent.length, config });
    },
  });
  authenticateAxios(instance, manager);
  const response = await instance.get(markets);
  expect(response.data).toBe(2);
  expect(response.config.headers.has('authorization')).toBe(false);
  expect(sent).toEqual(tt.tokenRequests.map((request) => `Bearer ${request.accessToken}`));
});
