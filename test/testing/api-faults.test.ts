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

describe('faultNextRequests', () => {
  it('breaks connections as often as told, and leaves tokens alone', async () => {
    const fake = await startForTest();
    const token = await getAccessToken(fake);
    fake.faultNextRequests({ fault: 'reset', count: 2 });
    expect((await postToken(fake)).status).toBe(200);
    for (let call = 0; call < 2; call++) {
      await expect(callApi(fake, token)).rejects.toMatchObject({ cause: { code: 'ECONNRESET' } });
    }
    expect((await callApi(fake, token)).status).toBe(200);
    expect(fake.requests.map(({ status }) => status)).toEqual([undefined, undefined, 200]);
  });

  it('takes the name of a fault for the next request, in one order with the failures', async () => {
    const fake = await startForTest();
    const token = await getAccessToken(fake);
    fake.failNextRequests({ status: 502 });
    fake.faultNextRequests('html');
    fake.faultNextRequests('empty');
    expect((await callApi(fake, token)).status).toBe(502);
    // Before any check, as a gateway of somebody's own would.
    const html = await callApi(fake, 'unknown');
    expect([html.status, html.headers.get('content-type')]).toEqual([200, 'text/html']);
    expect(await (await callApi(fake, token)).text()).toBe('');
    expect((await callApi(fake, token)).status).toBe(200);
  });

  it('never answers', async () => {
    const fake = await startForTest();
    fake.faultNextRequests('hang');
    const giveUp = new AbortController();
    const hanging = callApi(fake, 'any', { signal: giveUp.signal });
    await expect.poll(() => fake.requests).toHaveLength(1);
    expect((await callApi(fake, 'unknown')).status).toBe(401);
    expect(fake.requests[0]?.status).toBeUndefined();
    giveUp.abort(new Error('no answer came'));
    await expect(hanging).rejects.toThrow('no answer came');
  });

  it.each(['stall', 'truncate'] as const)('spoils a good answer by %s', async (fault) => {
    const fake = await startForTest();
    const token = await getAccessToken(fake);
    fake.faultNextRequests({ fault, count: 2 });
    expect((await callApi(fake, 'unknown')).status).toBe(401);
    const giveUp = new AbortController();
    const response = await callApi(fake, token, { signal: giveUp.signal });
    const reader = (response.body as ReadableStream<Uint8Array> | null)?.getReader();
    const { value } = (await reader?.read()) ?? {};
    const all = Number(response.headers.get('content-length'));
    expect([response.status, value?.length]).toEqual([200, all >> 1]);
    const rest = reader?.read();
    if (fault === 'stall') giveUp.abort(new Error('nothing more came'));
    await expect(rest).rejects.toThrow(fault === 'stall' ? 'nothing more came' : 'terminated');
  });

  it('meets one path only', async () => {
    const fake = await startForTest();
    const token = await getAccessToken(fake);
    const path = '/ttuser/ext_uat_cert/user';
    fake.faultNextRequests({ fault: 'reset', path });
    expect((await callApi(fake, token)).status).toBe(200);
    await expect(callApi(fake, token, { path })).rejects.toThrow();
    expect((await callApi(fake, token, { path })).status).toBe(200);
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
