// Jest as it comes: CommonJS, in a vm that gives `import()` no callback.
const { createTokenManager } = require('tt-token-manager');
const { authenticateAxios } = require('tt-token-manager/axios');
const { startFakeTT } = require('tt-token-manager/testing');
const { default: axios } = require('axios');
const { mkdtempSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

// Those that networks live on stay real, or no request comes to its end, whoever sends it.
const doNotFake = ['nextTick', 'queueMicrotask', 'setImmediate'];

let folder;
let tt;
const storeFailures = [];

function createManager(options) {
  const { apiKey, apiSecret, url: baseUrl } = tt;
  const names = { appName: 'Matrix', companyName: 'Tests' };
  const tokenFile = join(folder, 'token.json');
  const all = { apiKey, apiSecret, baseUrl, tokenFile, ...names, ...options };
  const manager = createTokenManager(all);
  manager.on('storeFailed', ({ message }) => storeFailures.push(message));
  return manager;
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tt-matrix-jest-'));
  tt = await startFakeTT({ tokenLifetimeSeconds: 3_600 });
  storeFailures.length = 0;
});

afterEach(async () => {
  jest.useRealTimers();
  await tt.close();
  rmSync(folder, { recursive: true });
  expect(storeFailures).toEqual([]);
});

test('managers share one token request by the file', async () => {
  for (const round of [1, 2]) {
    const manager = createManager();
    const client = axios.create({ baseURL: tt.url });
    authenticateAxios(client, manager);
    expect([round, (await client.get('/ttpds/ext_uat_cert/markets')).status]).toEqual([round, 200]);
    await manager.close();
  }
  expect(tt.tokenRequests).toHaveLength(1);
});

test('a token expires on fake timers', async () => {
  jest.useFakeTimers({ doNotFake });
  const manager = createManager({ autoRefresh: false });
  const first = await manager.getToken();
  jest.advanceTimersByTime(3_600_000);
  const second = await manager.getToken();
  expect(second.accessToken).not.toBe(first.accessToken);
  expect(tt.tokenRequests).toHaveLength(2);
  await manager.close();
});

test('an idle manager refreshes on fake timers', async () => {
  jest.useFakeTimers({ doNotFake });
  const manager = createManager();
  await manager.getToken();
  const refreshed = new Promise((resolve) => manager.on('refreshed', resolve));
  jest.advanceTimersByTime(3_600_000);
  await refreshed;
  expect(tt.tokenRequests).toHaveLength(2);
  await manager.close();
});
