import { describe, expect, it } from 'vitest';
import * as client from './client.js';

const { startForTest, postToken, read } = client;

describe('the token endpoint', () => {
  it('issues a fresh fake token with its lifetime', async () => {
    const fake = await startForTest();
    const { status, body } = await read(await postToken(fake));
    expect(status).toBe(200);
    expect(body).toEqual({
      status: 'Ok',
      access_token: expect.stringMatching(/^fake-token-[0-9a-f]{32}$/) as string,
      token_type: 'bearer',
      seconds_until_expiry: 86_400,
    });
    expect(await client.getAccessToken(fake)).not.toBe((body as client.TokenAnswer).access_token);
  });

  it.each(['ext_uat_cert', 'ext_prod_sim', 'ext_prod_live'])('serves %s', async (environment) => {
    const fake = await startForTest();
    expect((await postToken(fake, { path: `/ttid/${environment}/token` })).status).toBe(200);
  });

  it.each([
    ['/ttid/EXT_UAT_CERT/token', client.forbidden],
    ['/ttid/ext_uat_cert/Token', client.forbidden],
    ['/TTID/ext_uat_cert/token', client.forbidden],
    ['/ttid/ext_other/token', client.notFound],
    ['/ttid/ext_uat_cert/token/more', client.notFound],
    ['/ttid/ext_uat_cert/tokens', client.notFound],
    ['/ttid', client.notFound],
  ])(
    'answers %s as the service does a path that is misspelt or none of its own',
    async (path, answer) => {
      const fake = await startForTest();
      expect(await read(await postToken(fake, { path }))).toEqual(answer);
      expect(fake.tokenRequests).toHaveLength(1);
    },
  );

  it.each(['GET', 'PUT'])('answers 403 to %s', async (method) => {
    const fake = await startForTest();
    expect(await read(await postToken(fake, { method }))).toEqual(client.forbidden);
  });

  it.each([undefined, 'wrong'])('answers 403 to the app key %s', async (key) => {
    const fake = await startForTest();
    const response = await postToken(fake, { headers: { 'x-api-key': key } });
    expect(await read(response)).toEqual(client.forbidden);
  });

  it.each([
    ['text/html', 406],
    ['application/jsonx', 406],
    ['xapplication/json', 406],
    ['*/*', 200],
    ['text/html, application/json;q=0.9', 200],
    ['application/*', 200],
  ])('answers a request that accepts %s with %i', async (accept, status) => {
    const fake = await startForTest();
    expect((await postToken(fake, { headers: { accept } })).status).toBe(status);
  });

  it.each([
    ['application/json', 415],
    ['application/x-www-form-urlencodedx', 415],
    ['application/x-www-form-urlencoded;charset=UTF-8', 200],
  ])('answers a body of type %s with %i', async (type, status) => {
    const fake = await startForTest();
    expect((await postToken(fake, { headers: { 'content-type': type } })).status).toBe(status);
  });

  it('names what the form lacks', async () => {
    const fake = await startForTest();
    const wrongGrant = await postToken(fake, { body: 'grant_type=other&app_key=a:b' });
    expect(await read(wrongGrant)).toEqual(client.badRequest('grant_type is not user_app'));
    const noKey = await postToken(fake, { body: 'grant_type=user_app' });
    expect(await read(noKey)).toEqual(client.badRequest('app_key is missing'));
  });

  it('decodes the form', async () => {
    const fake = await startForTest({ apiSecret: 'a+b&c' });
    const form = { grant_type: 'user_app', app_key: `${fake.apiKey}:${fake.apiSecret}` };
    expect((await postToken(fake, { body: new URLSearchParams(form).toString() })).status).toBe(
      200,
    );
    expect((await postToken(fake)).status).toBe(401);
  });

  it('refuses a wrong, bare or doubled secret as it is told to, without repeating it', async () => {
    const fake = await startForTest();
    const { apiKey, apiSecret } = fake;
    const wrong = ['nope', `${apiKey}:nope`, apiSecret, `${apiKey}:${apiKey}:${apiSecret}`];
    for (const appKey of wrong) {
      const body = `grant_type=user_app&app_key=${appKey}`;
      fake.configure({ secretRefusal: 'status401' });
      expect(await read(await postToken(fake, { body }))).toEqual(client.unauthorized);
      fake.configure({ secretRefusal: 'fail200' });
      expect(await read(await postToken(fake, { body }))).toEqual({
        status: 200,
        body: { status: 'Fail', status_message: 'app_key is not valid' },
      });
    }
  });

  it('accepts the credentials it was given', async () => {
    const fake = await startForTest({ apiKey: 'some-key', apiSecret: 'some-secret' });
    const body = 'grant_type=user_app&app_key=some-key:some-secret';
    expect(fake).toMatchObject({ apiKey: 'some-key', apiSecret: 'some-secret' });
    expect((await postToken(fake, { body })).status).toBe(200);
  });

  it('makes up other credentials for every server', async () => {
    const [one, other] = [await startForTest(), await startForTest()];
    expect(new Set([one.apiKey, one.apiSecret, other.apiKey, other.apiSecret]).size).toBe(4);
  });
});
