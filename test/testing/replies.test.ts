import { describe, expect, it } from 'vitest';
import * as client from './client.js';

const { callApi, getAccessToken, newRequestId, postToken, read, startForTest } = client;

const path = '/ttledger/ext_uat_cert/fills';

describe('reply', () => {
  it('answers a path with data of the user, until the next reply, whatever the query', async () => {
    const fake = await startForTest();
    const token = await getAccessToken(fake);
    fake.reply(path, [{ price: 101.25, side: 'B' }]);
    for (const method of ['GET', 'POST']) {
      const query = `side=B&requestId=${newRequestId()}`;
      const response = await callApi(fake, token, { path, method, query });
      expect(response.headers.get('content-type')).toBe('application/json');
      expect(await read(response)).toEqual({ status: 200, body: [{ price: 101.25, side: 'B' }] });
    }
    fake.reply(path, '{ "fills": broken');
    const text = await (await callApi(fake, token, { path })).text();
    expect(text).toBe('{ "fills": broken');
    expect(await (await callApi(fake, token)).text()).toContain('FAKE-A');
  });

  it('replaces the markets that the stand-in has of itself', async () => {
    const fake = await startForTest();
    fake.reply('/ttpds/ext_uat_cert/markets', { markets: [] });
    const { body } = await read(await callApi(fake, await getAccessToken(fake)));
    expect(body).toEqual({ markets: [] });
  });

  it('is data as they are when it is called', async () => {
    const fake = await startForTest();
    const orders = [1];
    fake.reply(path, { orders });
    orders.push(2);
    const { body } = await read(await callApi(fake, await getAccessToken(fake), { path }));
    expect(body).toEqual({ orders: [1] });
  });

  it('asks a function at each request, which sees the request and may take its time', async () => {
    const fake = await startForTest();
    const token = await getAccessToken(fake);
    let asked = 0;
    fake.reply(path, ({ method, query, body }) => {
      const account = new URLSearchParams(query).get('account');
      return Promise.resolve({ method, account, body, asked: ++asked });
    });
    for (const count of [1, 2]) {
      const query = `account=A7&requestId=${newRequestId()}`;
      const changes = { path, method: 'PUT', query, body: 'an order' };
      expect((await read(await callApi(fake, token, changes))).body).toEqual({
        ...{ method: 'PUT', account: 'A7', body: 'an order', asked: count },
      });
    }
  });

  it('tells in a 500 what a function of the user got wrong', async () => {
    const fake = await startForTest();
    const token = await getAccessToken(fake);
    fake.reply(path, () => {
      throw new Error('no such account');
    });
    expect(await read(await callApi(fake, token, { path }))).toEqual({
      status: 500,
      body: { message: 'the function given to reply() failed: Error: no such account' },
    });
    fake.reply(path, () => 5 as never);
    expect(await (await callApi(fake, token, { path })).text()).toContain('body must be a string');
  });

  it('comes after the checks of app key, request ID and token', async () => {
    const fake = await startForTest();
    let asked = 0;
    fake.reply(path, () => ({ secretPosition: ++asked }));
    const token = await getAccessToken(fake);
    const used = newRequestId();
    await callApi(fake, token, { query: `requestId=${used}` });
    const other = await getAccessToken(fake, { path: '/ttid/ext_prod_live/token' });
    fake.configure({ tokenLifetimeSeconds: 0 });
    const old = await getAccessToken(fake);
    const refused = await Promise.all([
      callApi(fake, token, { path, headers: { 'x-api-key': 'other' } }),
      callApi(fake, token, { path, query: '' }),
      callApi(fake, token, { path, query: `requestId=${used}` }),
      callApi(fake, token, { path, headers: { 'content-type': 'text/plain' } }),
      callApi(fake, 'unknown', { path }),
      callApi(fake, other, { path }),
      callApi(fake, old, { path }),
    ]);
    expect(refused.map(({ status }) => status)).toEqual([403, 400, 400, 403, 401, 401, 401]);
    for (const response of refused) expect(await response.text()).not.toContain('secretPosition');
    fake.revoke(token);
    expect((await callApi(fake, token, { path })).status).toBe(401);
    expect(asked).toBe(0);
  });

  it('comes after prepared failures and quotas', async () => {
    const fake = await startForTest({ requestsPerSecond: 2 });
    const token = await getAccessToken(fake);
    fake.reply(path, 'fills');
    fake.failNextRequests({ status: 503, path });
    const statuses: number[] = [];
    for (let call = 0; call < 3; call++)
      statuses.push((await callApi(fake, token, { path })).status);
    expect(statuses).toEqual([503, 429, 429]);
  });

  it('repeats no token, neither of its own request nor of another', async () => {
    const fake = await startForTest();
    const [other, token] = [await getAccessToken(fake), await getAccessToken(fake)];
    fake.reply(path, (request) => ({ ...request, other }));
    const text = await (await callApi(fake, token, { path })).text();
    expect(text).toContain('Bearer <token>');
    fake.reply('/ttuser/ext_uat_cert/user', `the token ${other}`);
    const fixed = await callApi(fake, token, { path: '/ttuser/ext_uat_cert/user' });
    expect(await fixed.text()).toBe('the token <token>');
    fake.failNextRequests({ status: 403, body: { seen: token } });
    const failed = await (await callApi(fake, token)).text();
    for (const answer of [text, failed]) {
      expect(answer).not.toContain(token);
      expect(answer).not.toContain(other);
    }
  });

  it('makes a path of a service that the stand-in does not know, in its environment', async () => {
    const fake = await startForTest();
    const path = '/ttnew/ext_prod_sim/ladders/7';
    const [uat, sim] = [
      await getAccessToken(fake),
      await getAccessToken(fake, { path: '/ttid/ext_prod_sim/token' }),
    ];
    expect((await callApi(fake, sim, { path })).status).toBe(404);
    fake.reply(path, { ladder: 7 });
    expect((await callApi(fake, uat, { path })).status).toBe(401);
    expect((await read(await callApi(fake, sim, { path }))).body).toEqual({ ladder: 7 });
    expect((await callApi(fake, sim, { path: '/ttnew/ext_prod_sim/ladders/8' })).status).toBe(404);
  });

  it.each([
    ['ttledger/ext_uat_cert/fills', 'path'],
    [`${path}?a=1`, 'path'],
    ['/ttledger/fills', 'path'],
    ['/ttledger/ext_uat_cert/Fills', 'path'],
    ['/ttid/ext_uat_cert/token', 'path'],
    [7, 'path'],
  ])('names the wrong path %s', async (wrong, name) => {
    const fake = await startForTest();
    expect(() => fake.reply(wrong as never, 'x')).toThrow(name);
  });

  it.each([undefined, null, 5, true])('names the wrong body %s', async (body) => {
    const fake = await startForTest();
    expect(() => fake.reply(path, body as never)).toThrow(TypeError);
  });
});

describe('reset', () => {
  it('forgets replies, failures, faults, redirects and the logs', async () => {
    const fake = await startForTest();
    const { requests, tokenRequests } = fake;
    const token = await getAccessToken(fake);
    await callApi(fake, token);
    fake.reply(path, 'data of the last test');
    fake.failNextRequests({ status: 500, count: Infinity });
    fake.faultNextRequests({ fault: 'reset', count: 3 });
    fake.failNextTokenRequests({ status: 503, count: 2 });
    fake.redirect(path, { status: 303, location: '/elsewhere' });

    fake.reset();

    expect([requests, tokenRequests]).toEqual([[], []]);
    expect(await (await callApi(fake, token, { path })).text()).toContain('"tokenIndex":0');
    expect((await postToken(fake)).status).toBe(200);
    expect([fake.requests, fake.tokenRequests]).toEqual([requests, tokenRequests]);
    expect([requests.length, tokenRequests.length]).toEqual([1, 1]);
  });

  it('sets settings, quotas and request IDs back, and keeps port and credentials', async () => {
    const fake = await startForTest({ requestsPerDay: 2, tokenLifetimeSeconds: 77 });
    const { url, apiKey } = fake;
    fake.configure({ tokenLifetimeSeconds: 5, secretRefusal: 'fail200' });
    const query = `requestId=${newRequestId()}`;
    for (const status of [200, 200]) {
      expect((await postToken(fake, { query })).status).toBe(status);
      fake.reset();
    }
    const answer = await client.readToken(await postToken(fake, { query: `a=b&${query}` }));
    expect(answer.seconds_until_expiry).toBe(77);
    expect([fake.url, fake.apiKey]).toEqual([url, apiKey]);
    expect((await postToken(fake, { body: 'grant_type=user_app&app_key=x' })).status).toBe(401);
    expect((await postToken(fake)).status).toBe(429);
  });

  it('keeps the tokens, so that a manager that lives on has no refused one', async () => {
    const fake = await startForTest();
    const [token, revoked] = [await getAccessToken(fake), await getAccessToken(fake)];
    fake.revoke(revoked);
    fake.reset();
    expect((await callApi(fake, token)).status).toBe(200);
    expect((await callApi(fake, revoked)).status).toBe(401);
  });

  it('ends holds, old and new ones apart', async () => {
    const fake = await startForTest();
    const releaseOld = fake.holdTokenRequests();
    const held = postToken(fake);
    await fake.waitForTokenRequests(1);
    fake.reset();
    expect((await held).status).toBe(200);
    const release = fake.holdTokenRequests();
    releaseOld();
    const another = postToken(fake);
    await fake.waitForTokenRequests(1);
    expect(fake.tokenRequests[0]?.status).toBeUndefined();
    release();
    expect((await another).status).toBe(200);
  });
});
