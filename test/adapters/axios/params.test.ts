import axios, { type AxiosAdapter } from 'axios';
import { expect, it } from 'vitest';
import { authenticateAxios } from '../../../src/adapters/axios/index.js';
import { markets, ownQuery, setUp } from '../setup.js';

it('lets an adapter add to the params of a request that has none', async () => {
  const { tt, manager } = await setUp();
  const adapter: AxiosAdapter = (config) => {
    const params = (config.params ??= {}) as Record<string, unknown>;
    params['page'] = JSON.stringify({ params }) === '{}' ? 1 : 2;
    expect(JSON.stringify({ params })).toBe('{"params":{"page":1}}');
    return axios.getAdapter('http')(config);
  };
  const instance = axios.create({ baseURL: tt.url, adapter });
  authenticateAxios(instance, manager);
  await instance.get(markets);
  await instance.get(markets);
  expect([ownQuery(tt, 0), ownQuery(tt, 1)]).toEqual(['page=1', 'page=1']);
});

it('sends no params where a serializer returns nothing', async () => {
  const { tt, manager } = await setUp();
  const instance = axios.create({ baseURL: tt.url });
  authenticateAxios(instance, manager);
  const serialize = (): string => undefined as never;
  await instance.get(markets, { params: { a: 1 }, paramsSerializer: { serialize } });
  expect(ownQuery(tt)).toBe('');
});
