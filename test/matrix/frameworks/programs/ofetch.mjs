// ofetch over a fetch with credentials: a refused token is replayed, also where ofetch throws for a status.
import assert from 'node:assert/strict';
import { createFetch } from 'ofetch';
import { createTokenManager, memoryStore } from 'tt-token-manager';
import { authenticateFetch } from 'tt-token-manager/fetch';
import { startFakeTT } from 'tt-token-manager/testing';

const tt = await startFakeTT();
const { apiKey, apiSecret, url: baseUrl } = tt;
const names = { appName: 'Matrix', companyName: 'Tests' };
const given = { apiKey, apiSecret, baseUrl, ...names };
const manager = createTokenManager({ ...given, store: memoryStore() });

const ask = createFetch({ fetch: authenticateFetch(fetch, manager) });
for (const requests of [1, 2]) {
  const { markets } = await ask(`${tt.url}/ttpds/ext_uat_cert/markets`);
  assert.equal(markets.length, 3);
  const echo = await ask(`${tt.url}/ttuser/ext_uat_cert/notes`, { method: 'POST', body: { a: 1 } });
  assert.equal(echo.body, '{"a":1}');
  assert.equal(tt.tokenRequests.length, requests);
  tt.revokeAll();
}
await manager.close();

// As the fetch of the token request it throws for a status: the status counts all the same.
const throwing = (input, init) => createFetch({ fetch }).raw(input, { ...init, retry: 0 });
tt.failNextTokenRequests({ status: 403, count: 1 });
const before = tt.tokenRequests.length;
const refused = createTokenManager({ ...given, store: memoryStore(), fetch: throwing });
await assert.rejects(refused.getToken(), { code: 'CREDENTIALS_REJECTED', responseStatus: 403 });
assert.equal(tt.tokenRequests.length, before + 1);
await refused.close();
await tt.close();
