import { describe, expect, it } from 'vitest';
import * as client from './client.js';

const { callApi, getAccessToken, postToken, read, startForTest } = client;

describe('failNextTokenRequests', () => {
  it.each([
    [401, 'Unauthorized'],
    [403, 'Forbidden'],
    [429, 'Too Many Requests'],
    [503, 'Service Unavailable'],
  ])('answers %i as the gateway does, once', async (status, message) => {
    const fake = await startForTest();
    fake.failNextTokenRequests({ status });
    const response = await postToken(fake);
    expect(response.headers.get('retry-after')).toBeNull();
    expect(await read(response)).toEqual({ status, body: { message } });
    expect((await postToken(fake)).status).toBe(200);
  });

  it('answers as often as told, before any check, and leaves the API alone', async () => {
    const fake = await startForTest();
    const token = await getAccessToken(fake);
    fake.failNextTokenRequests({ status: 500, count: 2 });
    fake.failNextTokenRequests({ status: 502 });
    expect((await callApi(fake, token)).status).toBe(200);
    expect((await postToken(fake, { query: '' })).status).toBe(500);
    expect((await postToken(fake, { method: 'GET' })).status).toBe(500);
    expect((await postToken(fake)).status).toBe(502);
    expect((await postToken(fake)).status).toBe(200);
  });

  it('sends Retry-After and further headers', async () => {
    const fake = await startForTest();
    const headers = { 'x-amzn-errortype': 'Throttled' };
    fake.failNextTokenRequests({ status: 429, retryAfterSeconds: 7, headers });
    const response = await postToken(fake);
    expect(response.headers.get('retry-after')).toBe('7');
    expect(response.headers.get('x-amzn-errortype')).toBe('Throttled');
    expect(response.headers.get('content-type')).toBe('application/json');
    fake.failNextTokenRequests({ status: 500, headers });
    expect((await postToken(fake)).headers.get('x-amzn-errortype')).toBe('Throttled');
  });

  it('sends a string as it is and an object as JSON', async () => {
    const fake = await startForTest();
    fake.failNextTokenRequests({ status: 200, body: 'not { json' });
    fake.failNextTokenRequests({
      status: 200,
      body: { status: 'StatusFail', status_message: 'x' },
    });
    expect(await (await postToken(fake)).text()).toBe('not { json');
    const body = { status: 'StatusFail', status_message: 'x' };
    expect(await read(await postToken(fake))).toEqual({ status: 200, body });
  });

  it('answers 204 without a body', async () => {
    const fake = await startForTest();
    fake.failNextTokenRequests({ status: 204 });
    const response = await postToken(fake);
    expect([response.status, await response.text()]).toEqual([204, '']);
  });
});

describe('faultNextTokenRequests', () => {
  it('never answers when it hangs', async () => {
    const fake = await startForTest();
    const caller = new AbortController();
    fake.faultNextTokenRequests({ fault: 'hang' });
    const hanging = postToken(fake, { signal: caller.signal });
    await fake.waitForTokenRequests(1);
    expect((await postToken(fake)).status).toBe(200);
    expect(fake.tokenRequests[0]?.status).toBeUndefined();
    caller.abort();
    await expect(hanging).rejects.toThrow('aborted');
  });

  it('resets the connection', async () => {
    const fake = await startForTest();
    fake.faultNextTokenRequests({ fault: 'reset' });
    await expect(postToken(fake)).rejects.toMatchObject({ cause: { code: 'ECONNRESET' } });
    expect(fake.tokenRequests[0]?.status).toBeUndefined();
  });

  it('cuts a good answer off in the middle', async () => {
    const fake = await startForTest();
    fake.faultNextTokenRequests({ fault: 'truncate' });
    const response = await postToken(fake);
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow('terminated');
    expect(fake.tokenRequests[0]?.accessToken).toBeDefined();
  });

  it('stops in the middle of a good answer', async () => {
    const fake = await startForTest();
    const giveUp = new AbortController();
    fake.faultNextTokenRequests('stall');
    const response = await postToken(fake, { signal: giveUp.signal });
    expect(response.status).toBe(200);
    const reader = (response.body as ReadableStream<Uint8Array> | null)?.getReader();
    expect((await reader?.read())?.value?.length).toBeGreaterThan(0);
    const rest = reader?.read();
    giveUp.abort(new Error('nothing more came'));
    await expect(rest).rejects.toThrow('nothing more came');
  });

  it('answers with a page of HTML, or nothing at all', async () => {
    const fake = await startForTest();
    fake.faultNextTokenRequests({ fault: 'html' });
    fake.faultNextTokenRequests({ fault: 'empty' });
    const page = await postToken(fake);
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html']);
    expect(await page.text()).toMatch(/^<!doctype html>/);
    const empty = await postToken(fake);
    expect([empty.status, await empty.text()]).toEqual([200, '']);
  });

  it('issues a token that has expired, even where the same one is handed out again', async () => {
    const fake = await startForTest({ sameToken: true });
    const good = await getAccessToken(fake);
    fake.faultNextTokenRequests({ fault: 'expired' });
    const { access_token, seconds_until_expiry } = await client.readToken(await postToken(fake));
    expect(seconds_until_expiry).toBe(0);
    expect(await read(await callApi(fake, access_token))).toEqual(client.expired);
    expect(await getAccessToken(fake)).toBe(good);
  });

  it('takes turns with failures, as often as told', async () => {
    const fake = await startForTest();
    fake.faultNextTokenRequests({ fault: 'empty', count: 2 });
    fake.failNextTokenRequests({ status: 503, count: Infinity });
    const lengths: (number | string)[] = [];
    for (let turn = 0; turn < 4; turn += 1) {
      const response = await postToken(fake);
      lengths.push(response.status === 200 ? await response.text() : response.status);
    }
    expect(lengths).toEqual(['', '', 503, 503]);
  });
});
