import axios from 'axios';
import ky from 'ky';
import { describe, expect, it, vi } from 'vitest';
import { authenticateAxios } from '../../src/adapters/axios/index.js';
import { authenticateFetch } from '../../src/adapters/fetch/index.js';
import { authenticateKy } from '../../src/adapters/ky/index.js';
import { createTokenManager, isTokenError, memoryStore } from '../../src/index.js';
import { fixedTokenManager, type FixedTokenManagerOptions } from '../../src/testing/index.js';
import { startForTest } from './client.js';

const markets = 'https://ttrestapi.trade.tt/ttpds/ext_uat_cert/markets';

describe('fixedTokenManager', () => {
  it('gives the token that it is told to, or one of its own, forced and after a refusal too', async () => {
    const manager = fixedTokenManager({ accessToken: 'my-token' });
    const token = await manager.getToken();
    expect(token).toMatchObject({ accessToken: 'my-token', tokenType: 'bearer' });
    manager.invalidate('my-token');
    expect(await manager.getToken({ forceRefresh: true })).toBe(token);
    const status = await manager.status();
    expect(status).toMatchObject({ exists: true, valid: true, expiresAt: token.expiresAt });
    expect(status.secondsUntilExpiry).toBeGreaterThan(86_000);
    expect((await fixedTokenManager().getToken()).accessToken).toBe('fixed-access-token');
  });

  it('has each member of a real one, of the same type', async () => {
    const app = { apiKey: 'key', apiSecret: 'secret', appName: 'App', companyName: 'Co' };
    await using real = createTokenManager({ ...app, store: memoryStore() });
    await using fixed = fixedTokenManager();
    const membersOf = (manager: object) =>
      Reflect.ownKeys(manager)
        .filter((key) => !String(key).includes('authorize-now')) // a short way of the adapters' own
        .map((key) => `${String(key)}: ${typeof Reflect.get(manager, key)}`)
        .sort();
    expect(membersOf(fixed)).toEqual(membersOf(real));
    for (const path of ['markets', '/markets/7', '', '?a=1', 'a?url=http://b//c']) {
      expect(fixed.apiUrl('ttpds', path)).toBe(real.apiUrl('ttpds', path));
    }
  });

  it('authorizes requests to any URL but token endpoints, each with a request ID of its own', async () => {
    const manager = fixedTokenManager({ accessToken: 'abc' });
    for (const url of [markets, new URL('http://mock.test:8080/any')]) {
      expect(manager.isTrusted(url)).toBe(true);
      const { accessToken, requestId, headers } = (await manager.authorize(url)) ?? {};
      expect(accessToken).toBe('abc');
      expect(headers).toEqual({ 'x-api-key': 'fixed-api-key', authorization: 'Bearer abc' });
      expect(requestId).toMatch(/^Fixed-Token--[0-9a-f-]{36}$/);
    }
    expect(manager.createRequestId()).not.toBe(manager.createRequestId());
    for (const url of ['/relative', 'file:///etc/passwd', 'no url']) {
      expect(manager.isTrusted(url)).toBe(false);
      expect(await manager.authorize(url)).toBeUndefined();
    }
    const tokenEndpoint = 'https://ttrestapi.trade.tt/ttid/ext_uat_cert/token';
    expect(await manager.authorize(tokenEndpoint)).toBeUndefined();
  });

  it('serves the three clients without asking anybody', async () => {
    const manager = fixedTokenManager({ accessToken: 'abc' });
    const sent: (string | null)[] = [];
    const answer = vi.fn<typeof fetch>((input, init) => {
      sent.push(new Request(input, init).headers.get('authorization'));
      return Promise.resolve(Response.json({ markets: [] }));
    });
    await authenticateFetch(answer, manager)(markets);
    await authenticateKy(ky.create({ fetch: answer }), manager).get(markets);
    const client = axios.create({
      adapter(config) {
        sent.push(String(config.headers.get('authorization')));
        return Promise.resolve({ data: {}, status: 200, statusText: '', headers: {}, config });
      },
    });
    authenticateAxios(client, manager);
    await client.get(markets);
    expect(sent).toEqual(['Bearer abc', 'Bearer abc', 'Bearer abc']);
  });

  it('hands a 401 on to the caller, as there is no other token', async () => {
    const tt = await startForTest();
    const response = await authenticateFetch(fetch, fixedTokenManager())(
      `${tt.url}/ttpds/ext_uat_cert/markets`,
      { headers: {} },
    );
    // The stand-in has another app key.
    expect(response.status).toBe(403);
    const refusing = vi.fn<typeof fetch>(() => Promise.resolve(new Response('', { status: 401 })));
    const refused = await authenticateFetch(refusing, fixedTokenManager())(markets);
    expect(refused.status).toBe(401);
    expect(refusing.mock.calls.length).toBeLessThanOrEqual(2);
  });

  it('ends as a real one does, and heeds the signal of a caller', async () => {
    const manager = fixedTokenManager();
    const signal = AbortSignal.abort(new Error('given up'));
    await expect(manager.getToken({ signal })).rejects.toThrow('given up');
    await expect(manager.authorize(markets, { signal })).rejects.toThrow('given up');
    await manager.close();
    await manager.close();
    for (const call of [manager.getToken(), manager.authorize(markets), manager.status()]) {
      const error: unknown = await call.catch((error: unknown) => error);
      expect(isTokenError(error) && error.code).toBe('MANAGER_CLOSED');
    }
  });

  it.each([
    [{ accessToken: 5 }, 'accessToken'],
    [{ accessToken: '' }, 'accessToken'],
    [{ accessToken: 'a b' }, 'accessToken'],
    [{ token: 'abc' }, 'unknown option token'],
  ])('names what is wrong in %j', (options, name) => {
    expect(() => fixedTokenManager(options as FixedTokenManagerOptions)).toThrow(name);
  });
});
