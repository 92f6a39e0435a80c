import axios, { type AxiosAdapter, type AxiosInstance, type AxiosRequestConfig } from 'axios';
import axiosOldest from 'axios-oldest';
import { expect, it } from 'vitest';
import { authenticateAxios } from '../../../src/adapters/axios/index.js';
import { markets, setUp, startServer } from '../setup.js';
import { authenticateOldestAxios } from './oldest-axios.js';

const oldest = axiosOldest as unknown as typeof axios;
const within =
  (inner: AxiosAdapter): AxiosAdapter =>
  (config) =>
    inner(config);

const instances: [
  string,
  (config: AxiosRequestConfig) => AxiosInstance,
  typeof authenticateAxios,
][] = [
  [
    'axios 1.6.0, by an adapter of its own, where another axios is ours',
    (config) => oldest.create({ ...config, adapter: within(oldest.getAdapter('http')) }),
    authenticateAxios,
  ],
  ['another axios, where ours is 1.6.0', axios.create, authenticateOldestAxios],
  [
    'another axios, by a list of names, where ours is 1.6.0',
    (config) => axios.create({ ...config, adapter: ['xhr', 'http'] }),
    authenticateOldestAxios,
  ],
];

it.each(instances)("keeps the headers of another copy's config: %s", async (_, create, attach) => {
  const seen: unknown[] = [];
  const { url } = await startServer((request, response) => {
    const { 'content-type': type, 'x-own': own, 'x-api-key': key } = request.headers;
    seen.push([request.method, type, own, key]);
    if (seen.length === 1) response.writeHead(401);
    if (seen.length === 2) response.writeHead(307, { location: '/there' });
    response.end('{}');
  });
  const { tt, manager } = await setUp(url);
  const instance = create({ baseURL: url, headers: { 'x-own': '1' } });
  attach(instance, manager);
  const { config } = await instance.post('/here', { side: 'buy' });
  expect(seen).toEqual(Array(3).fill(['POST', 'application/json', '1', tt.apiKey]));
  expect(JSON.stringify(config.headers)).not.toMatch(/x-api-key|bearer/i);
});

it('sends the headers of another copy to an origin that is not trusted', async () => {
  const seen: unknown[] = [];
  const { url } = await startServer(({ headers }, response) => {
    seen.push([headers['content-type'], headers['x-api-key']]);
    response.end('{}');
  });
  const { manager } = await setUp();
  const instance = axios.create();
  authenticateOldestAxios(instance, manager);
  await instance.post(url, { side: 'buy' });
  expect(seen).toEqual([['application/json', undefined]]);
});

it('gives the headers of responses and errors in the class of the copy that asked', async () => {
  const { tt, manager } = await setUp();
  for (const adapter of ['http', 'fetch', ['xhr', 'http']] as const) {
    const instance = oldest.create({ baseURL: tt.url, adapter: adapter as 'http' });
    instance.defaults.adapter = adapter as 'http';
    authenticateAxios(instance, manager);
    const { headers } = await instance.get<unknown>(markets);
    expect([headers['content-type'], headers]).toEqual([
      expect.stringMatching(/json/),
      expect.any(oldest.AxiosHeaders),
    ]);
    tt.failNextRequests({ status: 503, retryAfterSeconds: 3 });
    const error: unknown = await instance.get(markets).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ response: { headers: { 'retry-after': '3' } } });
  }
});
