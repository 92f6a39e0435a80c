// vitest, or node:test with its own hooks, against a fake TT.   npx vitest run vitest.test.mjs
import { createTokenManager, memoryStore } from 'tt-token-manager';
import { authenticateFetch } from 'tt-token-manager/fetch';
import { startFakeTT } from 'tt-token-manager/testing';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { readMarkets } from './app.mjs';

let tt;
let manager;

beforeAll(async () => {
  tt = await startFakeTT();
});

beforeEach(() => {
  const { apiKey, apiSecret, url: baseUrl } = tt;
  const names = { appName: 'My App', companyName: 'Acme Co' };
  manager = createTokenManager({ apiKey, apiSecret, baseUrl, ...names, store: memoryStore() });
});

afterEach(async () => {
  await manager.close();
  tt.reset(); // no test sees the requests, replies and failures of another
});

afterAll(() => tt.close());

test('goes on after a refused token', async () => {
  const ttFetch = authenticateFetch(fetch, manager);
  expect(await readMarkets(ttFetch, tt.url)).toContain('FAKE-A');
  tt.revokeAll();
  expect(await readMarkets(ttFetch, tt.url)).toContain('FAKE-A');
  expect(tt.tokenRequests).toHaveLength(2);
});

test('reads what the test says', async () => {
  tt.reply('/ttpds/ext_uat_cert/markets', { markets: [{ id: 7, name: 'CME' }] });
  expect(await readMarkets(authenticateFetch(fetch, manager), tt.url)).toEqual(['CME']);
});

test("says so when TT's quota is used up", async () => {
  tt.failNextRequests({ status: 429, retryAfterSeconds: 1 });
  const ttFetch = authenticateFetch(fetch, manager);
  await expect(readMarkets(ttFetch, tt.url)).rejects.toThrow('markets: 429');
});
