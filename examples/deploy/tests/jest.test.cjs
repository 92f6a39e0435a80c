// Jest as it comes, in CommonJS, with fake timers.   npx jest --config jest.config.cjs
const { createTokenManager, memoryStore } = require('tt-token-manager');
const { startFakeTT } = require('tt-token-manager/testing');

let tt;
let manager;

beforeEach(async () => {
  tt = await startFakeTT({ tokenLifetimeSeconds: 3_600 });
  const { apiKey, apiSecret, url: baseUrl } = tt;
  const names = { appName: 'My App', companyName: 'Acme Co', autoRefresh: false };
  manager = createTokenManager({ apiKey, apiSecret, baseUrl, ...names, store: memoryStore() });
});

afterEach(async () => {
  jest.useRealTimers();
  await manager.close();
  await tt.close();
});

test('a token that has ended is replaced', async () => {
  // What networks live on stays real: with these faked no request comes to its end, whoever sends it.
  jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
  const first = await manager.getToken();
  jest.advanceTimersByTime(3_600_000);
  expect((await manager.getToken()).accessToken).not.toBe(first.accessToken);
  expect(tt.tokenRequests).toHaveLength(2);
});
