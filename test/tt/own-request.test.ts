import ky from 'ky';
import { describe, expect, it } from 'vitest';
import { authenticateFetch } from '../../src/adapters/fetch/index.js';
import { createTokenManager, memoryStore, type TokenManager } from '../../src/index.js';
import { isOwnRequest, ownRequestIdFor } from '../../src/tt/own-request.js';
import { createRequestId, requestIdFor } from '../../src/tt/request-id.js';
import { withRequestId } from '../../src/tt/request-url.js';

const prefix = 'My_App-Company--';
const url = 'https://ttrestapi.trade.tt/issue/v2';

describe('the request ID of an own request', () => {
  it('has the form of any other, and is new each time', () => {
    const requestIds = Array.from({ length: 100 }, () => ownRequestIdFor(prefix));
    for (const requestId of requestIds) {
      expect(requestId).toMatch(
        /^My_App-Company--[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/,
      );
    }
    expect(new Set(requestIds.map((requestId) => requestId.slice(0, -12))).size).toBe(100);
  });

  it('is known in every form that layers give to a URL', () => {
    const own = withRequestId(`${url}?a=1`, ownRequestIdFor("it's-(Company)--"));
    const parsed = new URL(own);
    parsed.searchParams.append('b', '2');
    for (const form of [own, `${own}#part`, new Request(own).url, parsed.href])
      expect(isOwnRequest(form)).toBe(true);
  });

  it.each([
    url,
    `${url}?requestId=`,
    `${url}?requestId=${prefix}`,
    withRequestId(url, requestIdFor(prefix)),
    withRequestId(url, createRequestId('App', 'Company')),
    withRequestId(url, ownRequestIdFor(prefix)).slice(0, -1),
    `${withRequestId(url, ownRequestIdFor(prefix))}0`,
    withRequestId(url, ownRequestIdFor(prefix)).replace('requestId', 'id'),
  ])('is not seen in %s', (other) => {
    expect(isOwnRequest(other)).toBe(false);
  });
});

type Fetch = typeof globalThis.fetch;

/** A service whose token endpoint has moved within the origin, and what it was sent. */
function movedService(status: number) {
  const sent: Request[] = [];
  const fetch: Fetch = (input, init) => {
    const request = new Request(input, init);
    sent.push(request);
    const { pathname } = new URL(request.url);
    if (pathname.startsWith('/ttid/'))
      return Promise.resolve(new Response(null, { status, headers: { location: '/issue/v2' } }));
    const token = { status: 'Ok', access_token: 'moved-token-7', seconds_until_expiry: 600 };
    return Promise.resolve(Response.json(pathname === '/issue/v2' ? token : {}));
  };
  return { fetch, sent };
}

const managerWith = (apiKey: string, fetch: Fetch): TokenManager =>
  createTokenManager({
    ...{ apiKey, apiSecret: `secret-of-${apiKey}`, appName: 'App', companyName: 'Company' },
    ...{ fetch, store: memoryStore(), autoRefresh: false, timeoutMs: 3_000 },
  });

describe('a token request through a fetch that its manager authenticates', () => {
  const layers: readonly [what: string, wrap: (authenticated: Fetch) => Fetch][] = [
    ['itself', (fetch) => fetch],
    ['which is handed a copy of the init', (fetch) => (input, init) => fetch(input, { ...init })],
    ['which is handed a Request', (fetch) => (input, init) => fetch(new Request(input, init))],
    [
      'which is handed a URL and parts of the init',
      (fetch) =>
        (input, { method, headers, body, redirect } = {}) =>
          fetch(new URL(input), {
            method,
            headers: new Headers(headers),
            body,
            redirect,
          } as RequestInit),
    ],
    [
      'below ky',
      (fetch) => {
        const client = ky.create({ fetch, retry: 0, throwHttpErrors: false });
        return (input, init) => client(input as string, init as object);
      },
    ],
    [
      'below ky that throws for a status',
      (fetch) => {
        const client = ky.create({ fetch, retry: 0 });
        return (input, init) => client(input as string, init as object);
      },
    ],
  ];

  it.each(layers)('%s, is followed as it is', async (_, wrap) => {
    for (const status of [307, 308, 303]) {
      const service = movedService(status);
      const manager = managerWith('key-of-app-1', (...call) => wrap(authenticated)(...call));
      const authenticated = authenticateFetch(service.fetch, manager);
      expect((await manager.getToken()).accessToken).toBe('moved-token-7');
      expect(service.sent).toHaveLength(2);
      for (const { headers } of service.sent) {
        expect(headers.get('x-api-key')).toBe('key-of-app-1');
        expect(headers.get('authorization')).toBeNull();
      }
      await manager.close();
    }
  });

  it('of another one does not get the credentials of that one', async () => {
    const service = movedService(307);
    const global = managerWith('key-of-app-1', service.fetch);
    await global.getToken();
    const other = managerWith('key-of-app-2', authenticateFetch(service.fetch, global));
    await other.getToken();
    expect(service.sent.map(({ headers }) => headers.get('x-api-key'))).toEqual([
      ...Array<string>(2).fill('key-of-app-1'),
      ...Array<string>(2).fill('key-of-app-2'),
    ]);
    expect(service.sent.every(({ headers }) => !headers.has('authorization'))).toBe(true);
    await Promise.all([global.close(), other.close()]);
  });
});
