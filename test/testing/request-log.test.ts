import { describe, expect, it } from 'vitest';
import * as client from './client.js';

const { callApi, getAccessToken, newRequestId, postToken, startForTest } = client;

describe('the logs', () => {
  it('tell a token request from an API request', async () => {
    const fake = await startForTest();
    await callApi(fake, await getAccessToken(fake));
    expect(fake.tokenRequests.map((request) => request.path)).toEqual(['/ttid/ext_uat_cert/token']);
    expect(fake.requests.map((request) => request.path)).toEqual(['/ttpds/ext_uat_cert/markets']);
  });

  it('hold a token request as it came, and its token', async () => {
    const fake = await startForTest();
    const requestId = newRequestId();
    const before = Date.now();
    const accessToken = await getAccessToken(fake, { query: `x=%20&requestId=${requestId}` });
    const entry = fake.tokenRequests[0];
    expect(entry).toMatchObject({
      method: 'POST',
      path: '/ttid/ext_uat_cert/token',
      query: `x=%20&requestId=${requestId}`,
      url: `/ttid/ext_uat_cert/token?x=%20&requestId=${requestId}`,
      headers: { 'x-api-key': fake.apiKey, accept: 'application/json' },
      body: `grant_type=user_app&app_key=${fake.apiKey}:${fake.apiSecret}`,
      token: undefined,
      requestId,
      status: 200,
      accessToken,
    });
    expect(entry?.at).toBeGreaterThanOrEqual(before);
    expect(entry?.at).toBeLessThanOrEqual(Date.now());
  });

  it('hold an API request as it came, and the status it got', async () => {
    const fake = await startForTest();
    await callApi(fake, 'some-token', { query: '' });
    expect(fake.requests[0]).toMatchObject({
      query: '',
      url: '/ttpds/ext_uat_cert/markets',
      body: '',
      token: 'some-token',
      requestId: undefined,
      status: 400,
      accessToken: undefined,
    });
  });

  it('keep every byte of a body', async () => {
    const fake = await startForTest();
    const body = Uint8Array.from({ length: 200_000 }, (_, index) => index % 256);
    await callApi(fake, 'any', { method: 'POST', body });
    expect(Buffer.compare(fake.requests[0]?.bytes ?? Buffer.alloc(0), body)).toBe(0);
  });

  it('take a body of 32 MiB and answer 413 to a longer one, keeping nothing of it', async () => {
    const fake = await startForTest();
    const limit = 32 * 1024 * 1024;
    const statuses: number[] = [];
    for (const length of [limit, limit + 1]) {
      const body = new Uint8Array(length);
      statuses.push((await callApi(fake, 'unknown', { method: 'POST', body })).status);
    }
    expect(statuses).toEqual([401, 413]);
    expect(fake.requests.map((request) => request.bytes.length)).toEqual([limit, 0]);
    fake.failNextTokenRequests({ status: 500 });
    expect((await postToken(fake, { body: new Uint8Array(limit + 1) })).status).toBe(413);
    expect((await postToken(fake)).status).toBe(500);
  });

  it('are frozen entries whose status appears with the answer', async () => {
    const fake = await startForTest();
    const release = fake.holdTokenRequests();
    const answer = postToken(fake);
    await fake.waitForTokenRequests(1);
    const entry = fake.tokenRequests[0];
    expect(Object.isFrozen(entry) && Object.isFrozen(entry?.headers)).toBe(true);
    expect(entry).toMatchObject({ status: undefined, accessToken: undefined });
    release();
    await answer;
    expect(entry?.status).toBe(200);
    expect(entry?.accessToken).toMatch(/^fake-token-/);
  });
});
