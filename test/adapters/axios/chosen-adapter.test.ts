import axios, { type AxiosAdapter, type InternalAxiosRequestConfig } from 'axios';
import { expect, it } from 'vitest';
import { authenticateAxios } from '../../../src/adapters/axios/index.js';
import { markets, requestIds, setUpRefused, statuses } from '../setup.js';

type Choice = (config: InternalAxiosRequestConfig) => InternalAxiosRequestConfig;

const http = axios.getAdapter('http');
let used = 0;
const own: AxiosAdapter = (config) => {
  used += 1;
  return http(config);
};

const choices: [string, Choice][] = [
  ['by name', (config) => Object.assign(config, { adapter: 'fetch' })],
  ['by a list of names', (config) => Object.assign(config, { adapter: ['xhr', 'http'] })],
  ['as a function', (config) => Object.assign(config, { adapter: own })],
  ['in a copy of the config', (config) => ({ ...config, adapter: own })],
  [
    'around the one that was there',
    (config) => {
      const { adapter } = config;
      return { ...config, adapter: (given) => axios.getAdapter(adapter)(given) };
    },
  ],
];

it.each(
  choices.flatMap(([name, choose]) =>
    (['before', 'after'] as const).map((order) => [name, order, choose] as const),
  ),
)(
  'an adapter that an interceptor chooses %s, attached %s ours, is used',
  async (name, order, choose) => {
    const { tt, manager } = await setUpRefused();
    const client = axios.create({ baseURL: tt.url });
    used = 0;
    if (order === 'before') client.interceptors.request.use(choose);
    const detach = authenticateAxios(client, manager);
    if (order === 'after') client.interceptors.request.use(choose);
    const { config } = await client.get(markets);
    expect(statuses(tt)).toEqual([401, 200]);
    expect(requestIds(tt)).toBe(2);
    expect(used).toBe(/function|copy/.test(name) ? 2 : 0);
    expect(config.transformRequest).toEqual(axios.defaults.transformRequest);
    detach();
    const bare = await client.get(markets, { validateStatus: () => true });
    expect(bare.status).toBe(403);
  },
);

it("a form of plain fields is replayed with its fields, and a stream's is not", async () => {
  const { tt, manager } = await setUpRefused();
  const client = axios.create({ baseURL: tt.url, validateStatus: () => true });
  authenticateAxios(client, manager);
  const path = '/ttledger/ext_uat_cert/orders';
  const fields = { side: 'sell', price: 1.5, note: 'ü', bytes: Buffer.from('raw') };
  expect((await client.postForm(path, fields)).status).toBe(200);
  const [first, second] = tt.requests;
  expect(first?.body).toContain('name="price"');
  expect([second?.body, second?.headers['content-type']]).toEqual([
    first?.body,
    first?.headers['content-type'],
  ]);
});

it('a refusal that is longer than maxContentLength is reported', async () => {
  const { tt, manager } = await setUpRefused();
  tt.failNextRequests({ status: 401, body: 'x'.repeat(50_000) });
  const client = axios.create({ baseURL: tt.url, maxContentLength: 20_000, adapter: 'http' });
  authenticateAxios(client, manager);
  expect((await client.get(markets)).status).toBe(200);
  expect(tt.tokenRequests).toHaveLength(2);
});
