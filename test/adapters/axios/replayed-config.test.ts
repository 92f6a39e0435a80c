import axios, { type AxiosAdapter } from 'axios';
import type { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { authenticateAxios } from '../../../src/adapters/axios/index.js';
import {
  expectStranger,
  markets,
  requestIds,
  setUp,
  setUpRefused,
  startForeign,
  statuses,
} from '../setup.js';

const adapters: [string, AxiosAdapter | 'http' | 'fetch'][] = [
  ['http', 'http'],
  ['fetch', 'fetch'],
  ['a function around http', (config) => axios.getAdapter('http')(config)],
];

it.each(adapters)('replays what a URL object and params were, over %s', async (_, adapter) => {
  const { tt, manager } = await setUpRefused();
  const instance = axios.create({ adapter });
  authenticateAxios(instance, manager);
  const url = new URL(markets, tt.url);
  const params = new URLSearchParams({ page: '1' });
  const asked = instance.get(url as unknown as string, { params });
  // The first attempt is on its way when its sender goes on to the next page.
  await Promise.resolve().then(() => undefined);
  url.pathname = '/elsewhere';
  params.set('page', '2');
  expect((await asked).status).toBe(200);
  expect(statuses(tt)).toEqual([401, 200]);
  expect(tt.requests.map(({ query }) => /page=(\d)/.exec(query)?.[1])).toEqual(['1', '1']);
  expect(requestIds(tt)).toBe(2);
});

it('sends a replay where the first attempt went, whatever the config says since', async () => {
  const { tt, manager } = await setUpRefused();
  const foreign = await startForeign();
  const instance = axios.create({ baseURL: tt.url });
  authenticateAxios(instance, manager, {
    isTokenRejected({ status }) {
      Object.assign(held, { url: `${foreign.url}/x`, baseURL: foreign.url, method: 'post' });
      return status === 401;
    },
  });
  let held = {};
  instance.interceptors.request.use((config) => {
    held = config;
    return config;
  });
  expect((await instance.get(markets)).status).toBe(200);
  expect(statuses(tt)).toEqual([401, 200]);
  expectStranger(foreign.seen, { times: 0 });
});

it('gives a response up when the check of its token throws', async () => {
  const { tt, manager } = await setUp();
  await manager.getToken();
  let body: Readable | undefined;
  const adapter: AxiosAdapter = async (config) => {
    const response = await axios.getAdapter('http')(config);
    body = response.data as Readable;
    return response;
  };
  const instance = axios.create({ baseURL: tt.url, responseType: 'stream', adapter });
  const reason = new Error('of the check');
  authenticateAxios(instance, manager, {
    isTokenRejected: () => {
      throw reason;
    },
  });
  await expect(instance.get(markets)).rejects.toBe(reason);
  expect(body?.destroyed).toBe(true);
});
