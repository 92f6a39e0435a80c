// Tests of an application, all of which fail: with what the package and the clients throw, and on what they give.
import axios from 'axios';
import ky from 'ky';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { authenticateAxios } from '../../../src/adapters/axios/index.js';
import { authenticateFetch } from '../../../src/adapters/fetch/index.js';
import { authenticateKy } from '../../../src/adapters/ky/index.js';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTokenManager, fileStore, type TokenManager } from '../../../src/index.js';
import { keySource } from '../../../src/records/key.js';
import { startFakeTT, type FakeTT } from '../../../src/testing/index.js';
import { apiKey, apiSecret, encryptionKey } from '../secret-scene.js';

let tt: FakeTT;
let manager: TokenManager;
let markets: string;
let folder: string;

beforeAll(async () => {
  tt = await startFakeTT({ apiKey, apiSecret });
  folder = await mkdtemp(join(tmpdir(), 'tt-failing-'));
  markets = `${tt.url}/ttpds/ext_uat_cert/markets`;
  manager = createTokenManager({
    apiKey,
    apiSecret,
    appName: 'Failing',
    companyName: 'Tests',
    baseUrl: tt.url,
    trustedOrigins: ['http://127.0.0.1:9'],
    tokenFile: join(folder, 'token.json'),
    encryptionKey,
  });
  await manager.getToken();
  tt.failNextRequests({ status: 500, count: Infinity });
});

afterAll(async () => {
  await manager.close();
  await tt.close();
  await rm(folder, { recursive: true, force: true });
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

it('a store', () => {
  expect(fileStore({ path: join(folder, 'token.json') })).toEqual({});
});

it('a key that cannot be had', async () => {
  const kmsRequest = { key: encryptionKey.toString('hex'), body: encryptionKey };
  const key = keySource(() => Promise.reject(Object.assign(new Error('kms: sealed'), kmsRequest)));
  await key.get();
});
