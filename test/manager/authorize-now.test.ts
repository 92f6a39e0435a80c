import { describe, expect, it } from 'vitest';
import { authorizeNow } from '../../src/manager/authorize-now.js';
import type { TokenManager } from '../../src/index.js';
import { apiKey, getFirst, hour, day, pass, settle, start, useFakeClock } from './setup.js';

useFakeClock();

const url = 'https://ttrestapi.trade.tt/ttpds/ext_uat_cert/markets';

describe('authorizeNow', () => {
  it('gives what authorize() gives, each time with another request ID', async () => {
    const subject = start();
    await getFirst(subject, 'token-1');
    const given = [1, 2].map(() => authorizeNow(subject.manager, url));
    const headers = { 'x-api-key': apiKey, authorization: 'Bearer token-1' };
    for (const authorization of given) {
      expect(authorization).toEqual({
        accessToken: 'token-1',
        requestId: expect.stringMatching(/^App-Company--[\da-f-]{36}$/) as unknown,
        headers,
      });
      expect(await subject.manager.authorize(url)).toMatchObject({ headers });
    }
    expect(given[0]?.requestId).not.toBe(given[1]?.requestId);
  });

  it('gives nothing for a URL that is not trusted', async () => {
    const subject = start();
    await getFirst(subject, 'token-1');
    expect(authorizeNow(subject.manager, 'https://elsewhere.example/')).toBeUndefined();
  });

  it('gives nothing without a token, and asks for none', async () => {
    const subject = start();
    expect(authorizeNow(subject.manager, url)).toBeUndefined();
    await settle();
    expect(subject.requests).toHaveLength(0);
  });

  it('gives nothing once the token is ageing: it is authorize() that has it refreshed', async () => {
    const subject = start({ refreshBufferMs: hour });
    await getFirst(subject, 'token-1');
    await pass(day - hour - 1);
    expect(authorizeNow(subject.manager, url)).toBeDefined();
    await pass(1);
    expect(authorizeNow(subject.manager, url)).toBeUndefined();
  });

  it('gives nothing after a refusal of the token, or once the manager is closed', async () => {
    const subject = start();
    await getFirst(subject, 'token-1');
    subject.manager.invalidate('token-1');
    expect(authorizeNow(subject.manager, url)).toBeUndefined();
    await getFirst(subject, 'token-2');
    expect(authorizeNow(subject.manager, url)?.accessToken).toBe('token-2');
    await subject.manager.close();
    expect(authorizeNow(subject.manager, url)).toBeUndefined();
  });

  it('gives nothing for a manager that is not of this package', async () => {
    const subject = start();
    await getFirst(subject, 'token-1');
    expect(authorizeNow({ ...subject.manager }, url)).toBeUndefined();
  });

  it.each<[string, (manager: TokenManager) => TokenManager]>([
    ['a Proxy', (manager) => new Proxy(manager, {})],
    ['an object made from one', (manager) => Object.create(manager) as TokenManager],
  ])('gives nothing for %s, which may have an authorize() of its own', async (_, wrap) => {
    const subject = start();
    await getFirst(subject, 'token-1');
    expect(authorizeNow(wrap(subject.manager), url)).toBeUndefined();
    expect(authorizeNow(subject.manager, url)).toBeDefined();
  });
});
