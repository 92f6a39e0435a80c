import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import * as client from './client.js';

const { callApi, forbidden, getAccessToken, newRequestId, notFound, read, startForTest } = client;

describe('the API', () => {
  it('lists a few markets', async () => {
    const fake = await startForTest();
    const { status, body } = await read(await callApi(fake, await getAccessToken(fake)));
    expect(status).toBe(200);
    expect(body).toMatchObject({ status: 'Ok', markets: [{ id: 1, name: 'FAKE-A' }, {}, {}] });
  });

  it.each(['ttpds', 'ttledger', 'ttmonitor', 'ttaccount', 'ttuser', 'ttgroup', 'ttsetup'])(
    'echoes what it is asked in %s',
    async (service) => {
      const fake = await startForTest();
      await getAccessToken(fake);
      const token = await getAccessToken(fake);
      const path = `/${service}/ext_uat_cert/things/A%20b`;
      const query = `b=%7e&a=1+2&requestId=${newRequestId()}`;
      const headers = { 'content-type': 'text/plain', 'x-note': 'ours' };
      const changes = { method: 'PUT', path, query, headers, body: 'söme text' };
      expect(await read(await callApi(fake, token, changes))).toEqual({
        status: 200,
        body: {
          status: 'Ok',
          method: 'PUT',
          path,
          query,
          headers: expect.objectContaining(headers) as object,
          body: 'söme text',
          tokenIndex: 1,
        },
      });
    },
  );

  it('repeats no token in its echo, wherever the request holds one', async () => {
    const fake = await startForTest();
    const [other, token] = [await getAccessToken(fake), await getAccessToken(fake)];
    const path = `/ttledger/ext_uat_cert/orders/${token}`;
    const query = `token=${token}&requestId=${newRequestId()}`;
    const headers = { 'x-copy': `${token} ${other}` };
    const changes = { method: 'POST', path, query, headers, body: `"${other}":"${token}"` };
    const response = await callApi(fake, token, changes);
    expect(response.status).toBe(200);
    const text = (await response.text()) + JSON.stringify([...response.headers]);
    expect(text).not.toContain(token);
    expect(text).not.toContain(other);
    expect(text).toContain('Bearer <token>');
  });

  it.each([
    '/TTPDS/ext_uat_cert/markets',
    '/ttpds/EXT_UAT_CERT/markets',
    '/ttpds/ext_uat_cert/Markets',
    '/ttLedger/ext_prod_LIVE/orders/A1',
  ])('answers 403 to the wrong case of %s', async (path) => {
    const fake = await startForTest();
    const token = await getAccessToken(fake);
    expect(await read(await callApi(fake, token, { path }))).toEqual(forbidden);
    expect(fake.requests).toHaveLength(1);
  });

  it.each([
    '/ttpds/ext_other/markets',
    '/ttother/ext_uat_cert/markets',
    '/ttpds/ext_uat_cert/',
    '/ttpds/ext_uat_cert',
    '/ttpds//ext_uat_cert/markets',
    '/v1/ttpds/ext_uat_cert/markets',
    '/',
  ])('answers 404 to %s, which the service does not have', async (path) => {
    const fake = await startForTest();
    const token = await getAccessToken(fake);
    expect(await read(await callApi(fake, token, { path }))).toEqual(notFound);
    expect(await read(await callApi(fake, 'any', { path, query: '' }))).toEqual(notFound);
    expect(fake.requests).toHaveLength(2);
  });

  it.each([undefined, 'wrong'])('answers 403 to the app key %s', async (key) => {
    const fake = await startForTest();
    const token = await getAccessToken(fake);
    const response = await callApi(fake, token, { headers: { 'x-api-key': key } });
    expect(await read(response)).toEqual(forbidden);
  });

  it('answers 401 to a token that is unknown, missing, or not a bearer', async () => {
    const fake = await startForTest();
    const token = await getAccessToken(fake);
    for (const authorization of ['Bearer unknown', undefined, token, `Basic ${token}`, 'Bearer ']) {
      const response = await callApi(fake, token, { headers: { authorization } });
      expect(await read(response)).toEqual(client.unauthorized);
    }
  });

  it('answers 401 to a token of another environment', async () => {
    const fake = await startForTest();
    const token = await getAccessToken(fake, { path: '/ttid/ext_prod_live/token' });
    expect(await read(await callApi(fake, token))).toEqual(client.unauthorized);
  });

  it('answers a GET that has a Content-Type as the gateway does', async () => {
    const fake = await startForTest();
    const token = await getAccessToken(fake);
    const headers = { 'content-type': 'application/json' };
    const hash = createHash('sha256').update(`Bearer ${token}`).digest('base64');
    expect(await read(await callApi(fake, token, { headers }))).toEqual({
      status: 403,
      body: {
        message:
          'Invalid key=value pair (missing equal-sign) in Authorization header ' +
          `(hashed with SHA-256 and encoded with Base64): '${hash}'.`,
      },
    });
  });
});
