// axios-mock-adapter, put on before and after ours: it matches what the caller wrote.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import axios from 'axios';
import MockAdapter from 'axios-mock-adapter';
import { createTokenManager } from 'tt-token-manager';
import { authenticateAxios } from 'tt-token-manager/axios';
import { startFakeTT } from 'tt-token-manager/testing';
import { createScene, MARKETS } from './scene.mjs';

for (const order of ['mocked first', 'authenticated first']) {
  test(order, { timeout: 20_000 }, async (t) => {
    const { tt, manager, close } = await createScene({ createTokenManager, startFakeTT });
    t.after(close);
    const client = axios.create({ baseURL: tt.url });
    if (order === 'authenticated first') authenticateAxios(client, manager);
    const mock = new MockAdapter(client);
    if (order === 'mocked first') authenticateAxios(client, manager);

    mock.onGet(MARKETS).replyOnce(401).onGet(MARKETS).reply(200, { from: 'path' });
    mock.onGet('/products', { params: { market: 'CME' } }).reply(200, { from: 'params' });
    assert.deepEqual((await client.get(MARKETS)).data, { from: 'path' });
    const { data, config } = await client.get('/products', { params: { market: 'CME' } });
    assert.deepEqual(
      [data, config.url, config.params],
      [{ from: 'params' }, '/products', { market: 'CME' }],
    );
    const sent = mock.history.get.map(
      ({ headers }) => headers.authorization ?? headers.Authorization,
    );
    const [first, second] = tt.tokenRequests.map(({ accessToken }) => `Bearer ${accessToken}`);
    assert.deepEqual(sent, [first, second, second]);
  });
}
