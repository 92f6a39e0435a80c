// Mock Service Worker answers for TT, under its real name: no fake server.   node --test msw.test.mjs
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { createTokenManager, memoryStore } from 'tt-token-manager';
import { authenticateFetch } from 'tt-token-manager/fetch';
import { readMarkets } from './app.mjs';

const baseUrl = 'https://ttrestapi.trade.tt';
const token = { access_token: 'a-token', token_type: 'bearer', seconds_until_expiry: 3_600 };

const server = setupServer(
  http.post(`${baseUrl}/ttid/ext_uat_cert/token`, () =>
    HttpResponse.json({ status: 'Ok', ...token }),
  ),
  http.get(`${baseUrl}/ttpds/ext_uat_cert/markets`, ({ request }) =>
    request.headers.get('authorization') === 'Bearer a-token'
      ? HttpResponse.json({ status: 'Ok', markets: [{ id: 1, name: 'CME' }] })
      : new HttpResponse(null, { status: 401 }),
  ),
);

before(() => server.listen({ onUnhandledRequest: 'error' }));
after(() => server.close());

test('reads the markets', async () => {
  const names = { appName: 'My App', companyName: 'Acme Co' };
  // A store in memory: no test may find a token that another has left in the file.
  const store = memoryStore();
  const manager = createTokenManager({ apiKey: 'key', apiSecret: 'secret', ...names, store });
  assert.deepEqual(await readMarkets(authenticateFetch(fetch, manager), baseUrl), ['CME']);
  await manager.close();
});
