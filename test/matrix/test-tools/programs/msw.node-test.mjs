// Mock Service Worker answers for TT: no stand-in, all three clients, a token refused once.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import axios from 'axios';
import ky from 'ky';
import { http, HttpResponse, passthrough } from 'msw';
import { setupServer } from 'msw/node';
import { createTokenManager, memoryStore } from 'tt-token-manager';
import { authenticateAxios } from 'tt-token-manager/axios';
import { authenticateFetch } from 'tt-token-manager/fetch';
import { authenticateKy } from 'tt-token-manager/ky';
import { startFakeTT } from 'tt-token-manager/testing';
import { createScene, MARKETS } from './scene.mjs';

const BASE = 'https://ttrestapi.trade.tt';
const MARKETS_URL = `${BASE}${MARKETS}`;
let tokens = 0;
const refused = new Set();

const server = setupServer(
  http.post(`${BASE}/ttid/ext_uat_cert/token`, () => {
    tokens += 1;
    const token = {
      access_token: `token-${tokens}`,
      token_type: 'bearer',
      seconds_until_expiry: 3_600,
    };
    return HttpResponse.json({ status: 'Ok', ...token });
  }),
  http.get(MARKETS_URL, ({ request }) => {
    const authorization = request.headers.get('authorization') ?? '';
    if (refused.has(authorization)) return new HttpResponse('refused', { status: 401 });
    return HttpResponse.json({ status: 'Ok', authorization });
  }),
  http.all('http://127.0.0.1:*/*', () => passthrough()),
);

before(() => server.listen({ onUnhandledRequest: 'error' }));
after(() => server.close());

const clients = {
  axios(manager) {
    const instance = axios.create();
    authenticateAxios(instance, manager);
    return async (url) => (await instance.get(url)).status;
  },
  ky(manager) {
    const client = authenticateKy(ky, manager);
    return async (url) => (await client.get(url)).status;
  },
  fetch(manager) {
    const send = authenticateFetch(fetch, manager);
    return async (url) => (await send(url)).status;
  },
};

for (const [name, clientOn] of Object.entries(clients)) {
  test(`${name} against handlers`, { timeout: 20_000 }, async () => {
    const names = { appName: 'Matrix', companyName: 'Tests' };
    const store = memoryStore();
    const manager = createTokenManager({ apiKey: 'key', apiSecret: 'secret', ...names, store });
    const get = clientOn(manager);
    const before = tokens;
    assert.equal(await get(MARKETS_URL), 200);
    refused.add(`Bearer ${(await manager.getToken()).accessToken}`);
    assert.equal(await get(MARKETS_URL), 200);
    assert.equal(tokens, before + 2);
    await manager.close();
  });

  test(`${name} through to the stand-in`, { timeout: 20_000 }, async (t) => {
    const { tt, manager, close } = await createScene({ createTokenManager, startFakeTT });
    t.after(close);
    const get = clientOn(manager);
    assert.equal(await get(`${tt.url}${MARKETS}`), 200);
    tt.revokeAll();
    assert.equal(await get(`${tt.url}${MARKETS}`), 200);
    assert.equal(tt.tokenRequests.length, 2);
  });
}
