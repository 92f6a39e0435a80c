// A test of an application against a fake TT: the API refuses the token, and the application goes on.
//   npx tsx examples/test-your-app.ts
import assert from 'node:assert/strict';
import { createTokenManager, memoryStore } from 'tt-token-manager';
import { authenticateFetch } from 'tt-token-manager/fetch';
import { startFakeTT } from 'tt-token-manager/testing';

/** The application under test: it knows nothing of tokens. */
async function readMarkets(fetch: typeof globalThis.fetch, baseUrl: string): Promise<number> {
  const response = await fetch(`${baseUrl}/ttpds/ext_uat_cert/markets`);
  await response.body?.cancel();
  return response.status;
}

const tt = await startFakeTT();
const manager = createTokenManager({
  apiKey: tt.apiKey,
  apiSecret: tt.apiSecret,
  appName: 'My App',
  companyName: 'Acme Co',
  baseUrl: tt.url,
  store: memoryStore(),
});
try {
  const appFetch = authenticateFetch(fetch, manager);
  assert.equal(await readMarkets(appFetch, tt.url), 200);
  tt.revoke((await manager.getToken()).accessToken);
  assert.equal(await readMarkets(appFetch, tt.url), 200);
  assert.deepEqual(
    tt.requests.map(({ status }) => status),
    [200, 401, 200],
  );
  assert.equal(tt.tokenRequests.length, 2);
  console.log('refused once, served twice, 2 token requests');
} finally {
  await manager.close();
  await tt.close();
}
