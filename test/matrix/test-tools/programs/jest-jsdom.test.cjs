/**
 * A page: timers are numbers, and there is no fetch, Request, ReadableStream, TextDecoder or setImmediate.
 * @jest-environment jsdom
 * @jest-environment-options {"customExportConditions": ["node", "node-addons"]}
 */
const { createTokenManager } = require('tt-token-manager');
const { authenticateAxios } = require('tt-token-manager/axios');
const { authenticateFetch } = require('tt-token-manager/fetch');
const { startFakeTT } = require('tt-token-manager/testing');
const { default: axios } = require('axios');
const fetch = require('node-fetch');
const { mkdtempSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

const markets = '/ttpds/ext_uat_cert/markets';

test('a manager serves axios and a fetch of its own', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tt-matrix-jsdom-'));
  const tt = await startFakeTT({ apiLatencyMs: 1 });
  const { apiKey, apiSecret, url: baseUrl } = tt;
  const names = { appName: 'Matrix', companyName: 'Tests', tokenFile: join(folder, 'token.json') };
  const manager = createTokenManager({ apiKey, apiSecret, baseUrl, fetch, ...names });
  const storeFailures = [];
  manager.on('storeFailed', ({ message }) => storeFailures.push(message));
  const client = axios.create({ baseURL: tt.url, adapter: 'http' });
  authenticateAxios(client, manager);
  expect((await client.get(markets, { timeout: 5_000 })).status).toBe(200);
  const send = authenticateFetch(fetch, manager);
  tt.revokeAll();
  expect((await send(tt.url + markets, { method: 'POST', body: '{}' })).status).toBe(200);
  expect(tt.tokenRequests).toHaveLength(2);
  expect(storeFailures).toEqual([]);
  await manager.close();
  await tt.close();
  rmSync(folder, { recursive: true });
});
