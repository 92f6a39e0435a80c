import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import * as client from './client.js';

const { callApi, expired, getAccessToken, postToken, read, readToken } = client;
const { startForTest, unauthorized } = client;

function passSeconds(seconds: number) {
  vi.setSystemTime(Date.now() + seconds * 1000);
}

// Only the clock stands still: sockets stay real.
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
afterEach(() => void vi.useRealTimers());

describe('a token', () => {
  it('works to the last millisecond of its lifetime', async () => {
    const fake = await startForTest({ tokenLifetimeSeconds: 1.5 });
    const answer = await readToken(await postToken(fake));
    expect(answer.seconds_until_expiry).toBe(1.5);
    passSeconds(1.499);
    expect((await callApi(fake, answer.access_token)).status).toBe(200);
    passSeconds(0.001);
    expect(await read(await callApi(fake, answer.access_token))).toEqual(expired);
  });

  it('leaves older ones valid', async () => {
    const fake = await startForTest();
    const older = await getAccessToken(fake);
    await getAccessToken(fake);
    expect((await callApi(fake, older)).status).toBe(200);
  });

  it('revokes the older ones of its environment where told to', async () => {
    const fake = await startForTest({ revokesOlder: true });
    const older = await getAccessToken(fake);
    const live = await getAccessToken(fake, { path: '/ttid/ext_prod_live/token' });
    expect((await callApi(fake, older)).status).toBe(200);
    const newer = await getAccessToken(fake);
    expect(await read(await callApi(fake, older))).toEqual(unauthorized);
    expect((await callApi(fake, newer)).status).toBe(200);
    expect((await callApi(fake, live, { path: '/ttpds/ext_prod_live/markets' })).status).toBe(200);
  });

  it('is refused once revoked, alone', async () => {
    const fake = await startForTest();
    const [revoked, kept] = [await getAccessToken(fake), await getAccessToken(fake)];
    fake.revoke(revoked);
    fake.revoke('unknown');
    expect(await read(await callApi(fake, revoked))).toEqual(unauthorized);
    expect((await callApi(fake, kept)).status).toBe(200);
  });

  it('is refused once all are revoked', async () => {
    const fake = await startForTest();
    const tokens = [await getAccessToken(fake), await getAccessToken(fake)];
    fake.revokeAll();
    for (const token of tokens) {
      expect(await read(await callApi(fake, token))).toEqual(unauthorized);
    }
    expect((await callApi(fake, await getAccessToken(fake))).status).toBe(200);
  });

  it('is handed out again, with the lifetime left, where told to', async () => {
    const fake = await startForTest({ sameToken: true, tokenLifetimeSeconds: 60 });
    const first = await readToken(await postToken(fake));
    passSeconds(20);
    const again = await readToken(await postToken(fake));
    expect(again).toEqual({ ...first, seconds_until_expiry: 40 });

    passSeconds(40);
    const next = await readToken(await postToken(fake));
    expect(next.access_token).not.toBe(first.access_token);
    expect(next.seconds_until_expiry).toBe(60);

    fake.revoke(next.access_token);
    expect(await getAccessToken(fake)).not.toBe(next.access_token);
  });

  it('is handed out again and stays valid even where new ones revoke the older', async () => {
    const fake = await startForTest({ sameToken: true, revokesOlder: true });
    const token = await getAccessToken(fake);
    expect(await getAccessToken(fake)).toBe(token);
    expect((await callApi(fake, token)).status).toBe(200);
  });

  it('is handed out again in its own environment only', async () => {
    const fake = await startForTest({ sameToken: true });
    const token = await getAccessToken(fake);
    expect(await getAccessToken(fake, { path: '/ttid/ext_prod_sim/token' })).not.toBe(token);
  });

  it('has its lifetime written as a string where told to', async () => {
    const fake = await startForTest({ lifetimeAsString: true, tokenLifetimeSeconds: 90 });
    expect((await readToken(await postToken(fake))).seconds_until_expiry).toBe('90');
  });

  it('comes with the lifetime configured last', async () => {
    const fake = await startForTest({ tokenLifetimeSeconds: 90 });
    fake.configure({ tokenLifetimeSeconds: 30 });
    fake.configure({ tokenLifetimeSeconds: undefined, sameToken: false });
    expect((await readToken(await postToken(fake))).seconds_until_expiry).toBe(30);
  });
});
