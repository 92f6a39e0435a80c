// Tests of an application, all of which fail: with what the package and the clients throw, and on what they give.
import axios from 'axios';
import ky from 'ky';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { authenticateAxios } from '../../../src/adapters/axios.js';
import { authenticateFetch } from '../../../src/adapters/fetch.js';
import { authenticateKy } from '../../../src/adapters/ky.js';
import { createTokenManager, memoryStore, type TokenManager } from '../../../src/index.js';
import { startFakeTT, type FakeTT } from '../../../src/testing/index.js';
import { apiKey, apiSecret } from '../secret-scene.js';

let tt: FakeTT;
let manager: TokenManager;
let markets: string;

beforeAll(async () => {
  tt = await startFakeTT({ apiKey, apiSecret });
  markets = `${tt.url}/ttpds/ext_uat_cert/markets`;
  manager = createTokenManager({
    apiKey,
    apiSecret,
    appName: 'Failing',
    companyName: 'Tests',
    baseUrl: tt.url,
    trustedOrigins: ['http://127.0.0.1:9'],
    store: memoryStore(),
  });
  await manager.getToken();
  tt.failNextRequests({ status: 500, count: Infinity });
});

afterAll(async () => {
  await manager.close();
  await tt.close();
});

it.each(['http', 'fetch'] as const)('axios, %s', async (adapter) => {
  const instance = axios.create({ adapter });
  authenticateAxios(instance, manager);
  await instance.get(markets);
});

it('what axios gives', async () => {
  const instance = axios.create({ validateStatus: () => true });
  authenticateAxios(instance, manager);
  expect(await instance.get(markets)).toEqual({});
});

it('ky', async () => {
  await authenticateKy(ky.create({ retry: 0 }), manager).get(markets);
});

it('fetch', async () => {
  await authenticateFetch(fetch, manager)('http://127.0.0.1:9/');
});

it('a refresh', async () => {
  const { echo } = { echo: `${apiKey}:${apiSecret}` };
  tt.failNextTokenRequests({ status: 401, body: { message: echo } });
  await manager.getToken({ forceRefresh: true });
});

it('the manager itself', () => {
  expect(manager).toEqual({});
});
