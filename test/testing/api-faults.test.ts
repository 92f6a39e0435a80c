import { describe, expect, it } from 'vitest';
import * as client from './client.js';

const { callApi, getAccessToken, newRequestId, postToken, read, startForTest } = client;

describe('failNextRequests', () => {
  it('fails API requests as often as told, before any check, and leaves tokens alone', async () => {
    const fake = await startForTest();
    const token = await getAccessToken(fake);
    fake.failNextRequests({ status: 401, count: 2 });
    expect((await postToken(fake)).status).toBe(200);
    expect(await read(await callApi(fake, token))).toEqual(client.unauthorized);
    expect(await read(await callApi(fake, token, { query: '' }))).toEqual(client.unauthorized);
    expect((await callApi(fake, token)).status).toBe(200);
  });

  it('fails one path only', async () => {
    const fake = await startForTest();
    const token = await getAccessToken(fake);
    const path = '/ttledger/ext_uat_cert/orders';
    fake.failNextRequests({ status: 503, path });
    fake.failNextRequests({ status: 500, path: '/never/asked/for' });
    expect((await callApi(fake, token)).status).toBe(200);
    expect((await callApi(fake, token, { path })).status).toBe(503);
    expect((await callApi(fake, token, { path })).status).toBe(200);
  });

  it('sends what it is told to', async () => {
    const fake = await startForTest();
    const headers = { 'content-type': 'text/html', 'x-extra': 'yes' };
    fake.failNextRequests({ status: 429, retryAfterSeconds: 3, headers, body: '<p>slow down</p>' });
    const response = await callApi(fake, 'any');
    expect(response.status).toBe(429);
    expect(Object.fromEntries(response.headers)).toMatchObject({ ...headers, 'retry-after': '3' });
    expect(await response.text()).toBe('<p>slow down</p>');
  });
});

describe('redirect', () => {
  it.each([301, 302, 303, 307, 308] as const)('answers %i until cleared', async (status) => {
    const fake = await startForTest();
    const path = '/ttledger/ext_uat_cert/orders';
    const token = await getAccessToken(fake);
    fake.redirect(path, { status, location: 'http://127.0.0.1:1/elsewhere?x=1' });
    for (const sent of [token, 'unknown']) {
      const response = await callApi(fake, sent, { path });
      expect(response.status).toBe(status);
      expect(response.headers.get('location')).toBe('http://127.0.0.1:1/elsewhere?x=1');
    }
    fake.clearRedirects();
    expect((await callApi(fake, token, { path })).status).toBe(200);
    expect(fake.requests.map((request) => request.status)).toEqual([status, status, 200]);
  });

  it('spends no prepared failure', async () => {
    const fake = await startForTest();
    fake.redirect('/from', { status: 302, location: '/to' });
    fake.failNextRequests({ status: 500 });
    expect((await callApi(fake, 'any', { path: '/from' })).status).toBe(302);
    expect((await callApi(fake, 'any')).status).toBe(500);
  });

  it('is followed with a relative location', async () => {
    const fake = await startForTest();
    const token = await getAccessToken(fake);
    const location = `/ttpds/ext_uat_cert/markets?requestId=${newRequestId()}`;
    fake.redirect('/from', { status: 303, location });
    const response = await callApi(fake, token, { path: '/from', redirect: 'follow' });
    expect([response.status, response.redirected]).toEqual([200, true]);
  });

  it('moves the token endpoint too', async () => {
    const fake = await startForTest();
    const location = `/ttid/ext_prod_sim/token?requestId=${newRequestId()}`;
    fake.redirect('/ttid/ext_uat_cert/token', { status: 307, location });
    expect((await postToken(fake, { redirect: 'follow' })).status).toBe(200);
    expect(fake.tokenRequests.map((request) => request.status)).toEqual([307, 200]);
  });
});
