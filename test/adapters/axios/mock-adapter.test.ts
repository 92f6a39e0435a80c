import axios, { type AxiosInstance } from 'axios';
import MockAdapter from 'axios-mock-adapter';
import { describe, expect, it } from 'vitest';
import { authenticateAxios } from '../../../src/adapters/axios/index.js';
import type { TokenManager } from '../../../src/index.js';
import { markets, requestIds, setUp, setUpRefused, statuses } from '../setup.js';

interface Options {
  readonly instance: AxiosInstance;
  readonly manager: TokenManager;
}

/** The types of axios-mock-adapter are those of axios's CommonJS build. */
function mockOf(instance: AxiosInstance): MockAdapter {
  return new MockAdapter(instance as never);
}

const orders: [string, (options: Options) => MockAdapter][] = [
  [
    'attached after the mock',
    ({ instance, manager }) => {
      const mock = mockOf(instance);
      authenticateAxios(instance, manager);
      return mock;
    },
  ],
  [
    'attached before the mock',
    ({ instance, manager }) => {
      authenticateAxios(instance, manager);
      return mockOf(instance);
    },
  ],
];

describe.each(orders)('axios-mock-adapter, with a manager %s', (_, mocked) => {
  it('matches the path that the caller wrote, and its params', async () => {
    const { tt, manager } = await setUp();
    const instance = axios.create({ baseURL: tt.url });
    const mock = mocked({ instance, manager });
    const params = { page: 2, names: ['a b', 'c'] };
    mock.onGet(markets, { params }).reply(200, 'page 2');
    mock.onGet(markets).reply(200, 'all');
    expect((await instance.get(markets)).data).toBe('all');
    expect((await instance.get(markets, { params })).data).toBe('page 2');
    const other = { params: { page: 3 }, validateStatus: () => true };
    mock.resetHandlers();
    mock.onGet(markets, { params }).reply(200, 'page 2');
    expect((await instance.get(markets, other)).status).toBe(404);
    expect(mock.history.get).toHaveLength(3);
    for (const sent of mock.history.get)
      expect(sent.headers).toHaveProperty('x-api-key', tt.apiKey);
    expect(tt.requests).toHaveLength(0);
  });

  it('replays what the mock refuses once', async () => {
    const { tt, manager } = await setUp();
    const instance = axios.create({ baseURL: tt.url });
    const mock = mocked({ instance, manager });
    mock.onGet(markets).replyOnce(401).onGet(markets).reply(200, 'again');
    expect((await instance.get(markets)).data).toBe('again');
    const tokens = mock.history.get.map(({ headers }) => headers?.['authorization'] as unknown);
    expect(new Set(tokens).size).toBe(2);
  });

  it('passes a request through with credentials, and replays it', async () => {
    const { tt, manager } = await setUpRefused();
    const instance = axios.create({ baseURL: tt.url });
    mocked({ instance, manager }).onAny().passThrough();
    expect((await instance.get(`${markets}?a=b%20c`, { params: { d: 1 } })).status).toBe(200);
    expect(statuses(tt)).toEqual([401, 200]);
    expect(requestIds(tt)).toBe(2);
    for (const { query } of tt.requests) expect(query).toMatch(/^\??a=b%20c&d=1&requestId=[^&]+$/);
  });
});
