import { describe, expect, it } from 'vitest';
import { isGuid } from '../../src/index.js';
import {
  apiKey,
  at,
  errorOf,
  getFirst,
  pass,
  second,
  settle,
  start,
  startAll,
  startOfTime,
  tokenOf,
  useFakeClock,
} from './setup.js';

useFakeClock();

const url = 'https://ttrestapi.trade.tt/ttpds/ext_uat_cert/markets';

describe('authorize', () => {
  it('gives token, request ID and headers for a trusted URL', async () => {
    const subject = start();
    await getFirst(subject, 'token-1');
    const authorization = await subject.manager.authorize(url);
    expect(authorization).toEqual({
      accessToken: 'token-1',
      requestId: expect.stringMatching(/^App-Company--[0-9a-f-]{36}$/) as string,
      headers: { 'x-api-key': apiKey, authorization: 'Bearer token-1' },
    });
    expect(await subject.manager.authorize(new URL(url))).toMatchObject({ accessToken: 'token-1' });
  });

  it('gives the token request nothing: it brings its own credentials', async () => {
    const subject = start();
    await getFirst(subject, 'token-1');
    const endpoint = 'https://ttrestapi.trade.tt/ttid/ext_uat_cert/token?requestId=1';
    expect(await subject.manager.authorize(endpoint)).toBeUndefined();
    expect(await subject.manager.authorize(new URL(endpoint))).toBeUndefined();
  });

  it('gives every request an ID of its own', async () => {
    const subject = start();
    await getFirst(subject, 'token-1');
    const ids = new Set<string>();
    for (let i = 0; i < 100; i++) ids.add((await subject.manager.authorize(url))?.requestId ?? '');
    for (let i = 0; i < 100; i++) ids.add(subject.manager.createRequestId());
    expect(ids.size).toBe(200);
    for (const id of ids) expect(isGuid(id.slice('App-Company--'.length))).toBe(true);
  });

  it.each([
    'https://elsewhere.example/',
    'https://ttrestapi.trade.tt.elsewhere.example/',
    'http://ttrestapi.trade.tt/',
    '/ttpds/ext_uat_cert/markets',
    '//ttrestapi.trade.tt/',
    '',
  ])('gives nothing, and asks for no token, where credentials must not go: %o', async (target) => {
    const { manager, requests } = start();
    expect(await manager.authorize(target)).toBeUndefined();
    expect(manager.isTrusted(target)).toBe(false);
    expect(requests).toHaveLength(0);
  });

  it('trusts the further origins that the options name', () => {
    const { manager } = start({ trustedOrigins: ['https://tt-proxy.example'] });
    expect(manager.isTrusted('https://tt-proxy.example/ttpds')).toBe(true);
    expect(manager.isTrusted(new URL(url))).toBe(true);
    expect(manager.isTrusted('https://apigateway.trade.tt/x')).toBe(true);
  });

  it('rejects as getToken does when no token can be had', async () => {
    const { manager, requests } = start();
    const call = errorOf(manager.authorize(url));
    await settle();
    at(requests, 0).answer(500);
    expect(await call).toMatchObject({ code: 'TOKEN_REQUEST_FAILED' });
  });
});

describe('getToken', () => {
  it('gives a frozen token', async () => {
    const subject = start();
    await getFirst(subject, 'token-1');
    expect(Object.isFrozen(await subject.manager.getToken())).toBe(true);
  });

  it('sends the token request as the service wants it', async () => {
    const { manager, requests } = start({ apiSecret: 'bare-secret' });
    const call = manager.getToken();
    await settle();
    const { url: target, init } = at(requests, 0);
    expect(target).toMatch(
      /^https:\/\/ttrestapi\.trade\.tt\/ttid\/ext_uat_cert\/token\?requestId=App-Company--[0-9a-f-]{36}$/,
    );
    expect(init).toMatchObject({
      method: 'POST',
      body: `grant_type=user_app&app_key=${apiKey}:bare-secret`,
      headers: {
        'x-api-key': apiKey,
        accept: 'application/json',
        'content-type': 'application/x-www-form-urlencoded',
      },
    });
    at(requests, 0).grant('token-1');
    await call;
  });
});

describe('status', () => {
  it('knows of no token at first, without network', async () => {
    const { manager, requests } = start();
    expect(await manager.status()).toEqual({ exists: false, valid: false });
    expect(requests).toHaveLength(0);
  });

  it('tells of the token held, in whole seconds, and never shows it', async () => {
    const subject = start();
    await getFirst(subject, 'token-1', 100);
    await pass(1_500);
    const status = await subject.manager.status();
    expect(status).toEqual({
      exists: true,
      valid: true,
      expiresAt: startOfTime + 100 * second,
      secondsUntilExpiry: 98,
    });
    expect(Object.isFrozen(status)).toBe(true);
    expect(JSON.stringify(status)).not.toContain('token-1');
  });

  it('tells of an expired token', async () => {
    const subject = start();
    await getFirst(subject, 'token-1', 100);
    await pass(100 * second);
    expect(await subject.manager.status()).toEqual({
      exists: true,
      valid: false,
      expiresAt: startOfTime + 100 * second,
      secondsUntilExpiry: 0,
    });
  });

  it('tells of a token that another manager has stored, without adopting it', async () => {
    const { managers, requests } = startAll(2);
    await getFirst({ manager: at(managers, 0).manager, requests }, 'token-1');
    const other = at(managers, 1);
    expect(await other.manager.status()).toMatchObject({ exists: true, valid: true });
    expect(other.events).toEqual([]);
    expect(await tokenOf(other)).toBe('token-1');
  });

  it('tells of a refused token, and of a back-off while it lasts', async () => {
    const subject = start();
    await getFirst(subject, 'token-1');
    subject.manager.invalidate('token-1');
    expect(await subject.manager.status()).toMatchObject({ valid: false, refused: true });
    const call = subject.manager.getToken();
    await settle();
    at(subject.requests, 1).answer(500);
    expect((await call).accessToken).toBe('token-1');
    expect(await subject.manager.status()).toMatchObject({
      exists: true,
      valid: true,
      refused: true,
      retryAt: startOfTime + second,
    });
    await pass(second);
    expect(await subject.manager.status()).not.toHaveProperty('retryAt');
  });
});

it('gives the URLs of the API in its environment', () => {
  const { manager } = start({ environment: 'SIM' });
  expect(manager.apiUrl('ttpds', 'markets')).toMatch(
    /^https:\/\/ttrestapi\.trade\.tt\/ttpds\/\w+\/markets$/,
  );
});
