// nock answers for TT: the token request, a refused token, and the replay.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import axios from 'axios';
import ky from 'ky';
import nock from 'nock';
import { createTokenManager, memoryStore } from 'tt-token-manager';
import { authenticateAxios } from 'tt-token-manager/axios';
import { authenticateFetch } from 'tt-token-manager/fetch';
import { authenticateKy } from 'tt-token-manager/ky';
import { MARKETS } from './scene.mjs';

const BASE = 'https://ttrestapi.trade.tt';
const tokenReply = (access_token) => ({
  status: 'Ok',
  access_token,
  token_type: 'bearer',
  seconds_until_expiry: 3_600,
});

before(() => nock.disableNetConnect());
after(() => nock.restore());

const clients = {
  async axios(manager) {
    const instance = axios.create();
    authenticateAxios(instance, manager);
    return (await instance.get(`${BASE}${MARKETS}`)).data;
  },
  ky: (manager) => authenticateKy(ky, manager).get(`${BASE}${MARKETS}`).json(),
  fetch: async (manager) => (await authenticateFetch(fetch, manager)(`${BASE}${MARKETS}`)).json(),
};

for (const [name, get] of Object.entries(clients)) {
  test(name, { timeout: 20_000 }, async () => {
    const names = { appName: 'Matrix', companyName: 'Tests' };
    const store = memoryStore();
    const manager = createTokenManager({ apiKey: 'key', apiSecret: 'secret', ...names, store });
    for (const token of ['first', 'second']) {
      nock(BASE).post('/ttid/ext_uat_cert/token').query(true).reply(200, tokenReply(token));
    }
    const asks = (token) => ({
      reqheaders: { authorization: `Bearer ${token}`, 'x-api-key': 'key' },
    });
    const hasRequestId = ({ requestId }) => /^Matrix-Tests--/.test(requestId);
    nock(BASE, asks('first')).get(MARKETS).query(hasRequestId).reply(401, 'refused');
    nock(BASE, asks('second')).get(MARKETS).query(hasRequestId).reply(200, { status: 'Ok' });
    assert.deepEqual(await get(manager), { status: 'Ok' });
    assert.deepEqual(nock.pendingMocks(), []);
    await manager.close();
  });
}
