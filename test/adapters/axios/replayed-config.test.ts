import axios, { type AxiosAdapter } from 'axios';
import { expect, it } from 'vitest';
import { authenticateAxios } from '../../../src/adapters/axios/index.js';
import { markets, requestIds, setUpRefused, statuses } from '../setup.js';

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
