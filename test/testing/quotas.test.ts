import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { FakeTT } from '../../src/testing/index.js';
import * as client from './client.js';

const { callApi, getAccessToken, postToken, read, startForTest, tooMany } = client;
const post = { method: 'POST', path: '/ttuser/ext_uat_cert/users' };

function passMs(milliseconds: number) {
  vi.setSystemTime(Date.now() + milliseconds);
}

/** The statuses of so many API requests, one after the other. */
async function statuses(fake: FakeTT, token: string, count: number): Promise<number[]> {
  const seen: number[] = [];
  while (seen.length < count) seen.push((await callApi(fake, token)).status);
  return seen;
}

// Only the clock stands still: sockets stay real.
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
afterEach(() => void vi.useRealTimers());

describe('requestsPerSecond', () => {
  it('answers 429 as the gateway does, token requests counted too, in any second', async () => {
    const fake = await startForTest({ requestsPerSecond: 3 });
    const token = await getAccessToken(fake);
    passMs(600);
    expect(await statuses(fake, token, 3)).toEqual([200, 200, 429]);
    const refused = await callApi(fake, token);
    expect(refused.headers.get('retry-after')).toBeNull();
    expect(await read(refused)).toEqual(tooMany);
    expect(await read(await postToken(fake))).toEqual(tooMany);
    passMs(399);
    expect(await statuses(fake, token, 1)).toEqual([429]);
    passMs(1);
    expect(await statuses(fake, token, 2)).toEqual([200, 429]);
    passMs(600);
    expect(await statuses(fake, token, 3)).toEqual([200, 200, 429]);
  });

  it('lets requests that come at once through, as many as it says', async () => {
    const fake = await startForTest({ requestsPerSecond: 5 });
    const answers = await Promise.all(Array.from({ length: 25 }, () => callApi(fake, 'unknown')));
    const passed = answers.filter(({ status }) => status === 401);
    expect(passed).toHaveLength(5);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(20);
  });

  it('counts no request without the app key, to another path, or over the quota', async () => {
    const fake = await startForTest({ requestsPerSecond: 1 });
    await callApi(fake, 'any', { path: '/nowhere' });
    await callApi(fake, 'any', { headers: { 'x-api-key': 'other' } });
    expect(await statuses(fake, 'unknown', 3)).toEqual([401, 429, 429]);
    passMs(1_000);
    expect(await statuses(fake, 'unknown', 1)).toEqual([401]);
  });

  it('leaves what was prepared to answer first', async () => {
    const fake = await startForTest({ requestsPerSecond: 1 });
    fake.failNextRequests({ status: 503, count: 2 });
    fake.failNextTokenRequests({ status: 500 });
    expect(await statuses(fake, 'unknown', 3)).toEqual([503, 503, 429]);
    expect((await postToken(fake)).status).toBe(500);
    expect((await postToken(fake)).status).toBe(429);
  });

  it('is changed by configure, and lifted with Infinity', async () => {
    const fake = await startForTest();
    const token = await getAccessToken(fake);
    fake.configure({ requestsPerSecond: 2 });
    expect(await statuses(fake, token, 2)).toEqual([200, 429]);
    fake.configure({ requestsPerSecond: Infinity });
    expect(await statuses(fake, token, 9)).toEqual(Array(9).fill(200));
  });
});

describe('requestsPerDay', () => {
  it('is enforced over any 24 hours, beside the quota of a second', async () => {
    const fake = await startForTest({ requestsPerDay: 4, requestsPerSecond: 2 });
    expect(await statuses(fake, 'unknown', 3)).toEqual([401, 401, 429]);
    passMs(3_600_000);
    expect(await statuses(fake, 'unknown', 3)).toEqual([401, 401, 429]);
    passMs(1_000);
    expect(await statuses(fake, 'unknown', 1)).toEqual([429]);
    passMs(86_400_000 - 3_601_000);
    expect(await statuses(fake, 'unknown', 3)).toEqual([401, 401, 429]);
  });
});

describe('postIntervalMs', () => {
  it('spaces the POSTs of the API, and no other request', async () => {
    const fake = await startForTest({ postIntervalMs: 10_000 });
    const token = await getAccessToken(fake);
    expect((await callApi(fake, token, post)).status).toBe(200);
    expect(await read(await callApi(fake, token, post))).toEqual(tooMany);
    expect((await callApi(fake, token, { ...post, method: 'PUT' })).status).toBe(200);
    expect((await callApi(fake, token)).status).toBe(200);
    expect((await postToken(fake)).status).toBe(200);
    passMs(9_999);
    expect((await callApi(fake, token, post)).status).toBe(429);
    passMs(1);
    expect((await callApi(fake, token, post)).status).toBe(200);
  });

  it('is not used up by a POST that another quota refuses', async () => {
    const fake = await startForTest({ postIntervalMs: 10_000, requestsPerSecond: 1 });
    expect(await statuses(fake, 'unknown', 1)).toEqual([401]);
    expect((await callApi(fake, 'unknown', post)).status).toBe(429);
    passMs(1_000);
    expect((await callApi(fake, 'unknown', post)).status).toBe(401);
  });
});
