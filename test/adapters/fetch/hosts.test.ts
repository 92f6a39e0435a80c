import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { authenticateFetch } from '../../../src/adapters/fetch/index.js';
import { createTokenManager, memoryStore } from '../../../src/index.js';
import { markets, orders, setUp, setUpRefused, startServer, statuses } from '../setup.js';

/** A platform's own Request, not the global one, whose URL a base class of it has. */
class OwnRequest {
  readonly #request: Request;

  constructor(input: string | OwnRequest, init?: RequestInit) {
    this.#request = new Request(typeof input === 'string' ? input : input.#request, init);
  }
  get [Symbol.toStringTag](): string {
    return 'Request';
  }
  get url(): string {
    return this.#request.url;
  }
  get method(): string {
    return this.#request.method;
  }
  get headers(): Headers {
    return this.#request.headers;
  }
  get redirect(): Request['redirect'] {
    return this.#request.redirect;
  }
  get signal(): AbortSignal {
    return this.#request.signal;
  }
  static async send(input: unknown): Promise<Response> {
    if (!(input instanceof OwnRequest)) throw new TypeError('not my own');
    return globalThis.fetch(input.#request);
  }
}

/** A program's subclass: its constructor takes a path, and it keeps things under a symbol and in a getter. */
const trace = Symbol('trace');
class PathRequest extends Request {
  readonly [trace] = 'traced';

  constructor(url: string, path: string) {
    super(url + path, { method: 'POST', body: 'order' });
  }
  get label(): string {
    return `label of ${this[trace]}`;
  }
}

describe('a Request of another class', () => {
  it('of another platform is sent as one of its own', async () => {
    const { tt, manager } = await setUpRefused();
    const fetch = authenticateFetch(OwnRequest.send, manager);
    const request = new OwnRequest(tt.url + markets) as unknown as Request;
    expect((await fetch(request)).status).toBe(200);
    expect(statuses(tt)).toEqual([401, 200]);
  });

  it('whose constructor takes something else keeps its class, symbols and target', async () => {
    const { tt, manager } = await setUpRefused();
    const seen: unknown[] = [];
    const own: typeof globalThis.fetch = (input) => {
      const request = input as PathRequest;
      seen.push(request instanceof PathRequest, request.label);
      return globalThis.fetch(request);
    };
    const request = new PathRequest(tt.url, orders);
    expect((await authenticateFetch(own, manager)(request)).status).toBe(200);
    expect(seen).toEqual([true, 'label of traced', true, 'label of traced']);
    expect(tt.requests.map(({ method, body }) => method + body)).toEqual([
      'POSTorder',
      'POSTorder',
    ]);
  });
});

it('an init that is a Request, or inherits its members, is read as fetch reads it', async () => {
  const { tt, manager } = await setUp();
  const fetch = authenticateFetch(globalThis.fetch, manager);
  const init = { method: 'PUT', headers: { 'x-own': '1' }, body: 'order' };
  await fetch(tt.url + orders, new Request('http://127.0.0.1/', init));
  await fetch(tt.url + orders, Object.create(init) as RequestInit);
  await fetch(new Request(tt.url + orders), Object.create(init) as RequestInit);
  const seen = tt.requests.map(({ method, body, headers }) => [method, body, headers['x-own']]);
  expect(seen).toEqual(Array.from({ length: 3 }, () => ['PUT', 'order', '1']));
});

it('a URL object is read once', async () => {
  const { tt, manager } = await setUp();
  const reads = ['/first', '/second'];
  const input = { toString: () => tt.url + (reads.shift() ?? '/third') };
  await authenticateFetch(globalThis.fetch, manager)(input as unknown as string);
  expect(tt.requests[0]?.url).toMatch(/^\/first\?/);
});

describe('a fetch that answers with plain objects', () => {
  it('is served, its refusals and redirects too', async () => {
    const { tt, manager } = await setUpRefused();
    tt.redirect('/inside', { status: 302, location: markets });
    const plain = async (url: string, init: RequestInit): Promise<object> => {
      const { status, headers, ...response } = await globalThis.fetch(url, init);
      const answer = { ...response, status, headers: { get: (name: string) => headers.get(name) } };
      return Object.freeze(answer);
    };
    const fetch = authenticateFetch(plain as unknown as typeof globalThis.fetch, manager);
    expect(await fetch(`${tt.url}/inside`)).toMatchObject({ status: 200 });
    expect(tt.tokenRequests).toHaveLength(2);
  });

  it('is given its framework properties with each attempt', async () => {
    const { tt, manager } = await setUpRefused();
    const seen: unknown[] = [];
    const own = (url: string, init: RequestInit): Promise<Response> => {
      seen.push(Reflect.get(init, 'next'), Reflect.get(init, 'cf'));
      return globalThis.fetch(url, init);
    };
    const fetch = authenticateFetch(own as typeof globalThis.fetch, manager);
    const [next, cf] = [{ tags: ['tt'] }, { cacheTtl: 1 }];
    expect((await fetch(tt.url + markets, { next, cf } as RequestInit)).status).toBe(200);
    expect(seen).toEqual([next, cf, next, cf]);
  });
});

describe('header names keep their case', () => {
  const headers = { 'X-Own-Name': '1' };
  const forms: [what: string, call: (url: string) => Parameters<typeof fetch>][] = [
    ['an object', (url) => [url, { headers }]],
    ['Headers', (url) => [url, { headers: new Headers(headers) }]],
    ['pairs', (url) => [url, { headers: Object.entries(headers) }]],
    ['a Request', (url) => [new Request(url, { headers })]],
    ['a Request with an init', (url) => [new Request(url), { headers }]],
  ];

  it.each(forms)('of %s', async (_, call) => {
    const seen: string[][] = [];
    const { url } = await startServer((request, response) => {
      seen.push(request.rawHeaders.filter((name) => name.toLowerCase() === 'x-own-name'));
      response.statusCode = seen.length === 2 ? 401 : 200;
      response.end();
    });
    const { manager } = await setUp(url);
    await globalThis.fetch(...call(url));
    await authenticateFetch(globalThis.fetch, manager)(...call(url));
    expect(seen).toEqual([seen[0], seen[0], seen[0]]);
  });

  it("of another client's Headers, which stay as they were", async () => {
    const { tt, manager } = await setUp();
    class OwnHeaders extends Map<string, string> {
      override readonly [Symbol.toStringTag] = 'Headers';
    }
    let seen: unknown;
    const own = (_url: string, init: RequestInit): Promise<Response> => {
      seen = init.headers;
      return Promise.resolve(new Response());
    };
    const given = new OwnHeaders(Object.entries(headers)) as unknown as Headers;
    const fetch = authenticateFetch(own as typeof globalThis.fetch, manager);
    await fetch(tt.url + markets, { headers: given });
    expect(seen).toBeInstanceOf(OwnHeaders);
    expect(Array.from(seen as OwnHeaders).map(([name]) => name)).toEqual([
      ...['X-Own-Name', 'x-api-key', 'authorization'],
    ]);
    expect(Array.from(given)).toHaveLength(1);
  });
});

it('headers that are null are none, as in node-fetch', async () => {
  const { tt, manager } = await setUp();
  const fetch = authenticateFetch(globalThis.fetch, manager);
  const init = { headers: null } as unknown as RequestInit;
  expect((await fetch(tt.url + markets, init)).status).toBe(200);
});

it("node-fetch's own limit of redirects is kept, of an init or a Request", async () => {
  const { tt, manager } = await setUp();
  tt.redirect('/once', { status: 302, location: markets });
  const fetch = authenticateFetch(globalThis.fetch, manager);
  const followed = (follow: number): Promise<Response>[] => [
    fetch(`${tt.url}/once`, { follow } as RequestInit),
    fetch(Object.assign(new Request(`${tt.url}/once`), { follow })),
  ];
  for (const response of followed(1)) expect((await response).status).toBe(200);
  for (const response of followed(0))
    await expect(response).rejects.toThrow(new TypeError('fetch failed'));
});

it('a long text in a Request is sent with its Content-Length', async () => {
  const { url } = await startServer((request, response) => {
    request.resume().on('end', () => response.end(request.headers['content-length']));
  });
  const { manager } = await setUp(url);
  const request = new Request(url, { method: 'POST', body: 'x'.repeat(2_000_000) });
  const response = await authenticateFetch(globalThis.fetch, manager)(request);
  expect(await response.text()).toBe('2000000');
});

describe('a Referrer-Policy of a redirect', () => {
  it.each([
    'no-referrer',
    'origin',
    'unsafe-url, no-such-policy',
    'no-such-policy',
    'unsafe-url,no-referrer',
    undefined,
  ])('is heeded as the platform heeds it: %s', async (policy) => {
    const { url: other } = await startServer((request, response) => {
      response.end(JSON.stringify(request.headers.referer ?? 'none'));
    });
    const inside: unknown[] = [];
    const { url: own } = await startServer((request, response) => {
      if (request.url?.startsWith('/next')) {
        inside.push(request.headers.referer?.replace(/[?&]requestId=[^&]+/, ''));
        response.writeHead(302, { location: `${other}/end` }).end();
        return;
      }
      response.writeHead(302, { location: '/next', ...(policy && { 'referrer-policy': policy }) });
      response.end();
    });
    const { manager } = await setUp(own);
    const init = { referrer: `${own}/page?x=1`, referrerPolicy: 'unsafe-url' } as const;
    const bare = await (await fetch(own, init)).json();
    for (const input of [own, new Request(own)]) {
      const answer = await authenticateFetch(fetch, manager)(input, init);
      expect(await answer.json()).toBe(bare);
    }
    expect(inside).toEqual([inside[0], inside[0], inside[0]]);
  });
});

it('sends a Request where a program has put another Promise in the place of the global one', async () => {
  const { tt, manager } = await setUp();
  onTestFinished(() => void vi.unstubAllGlobals());
  vi.stubGlobal('Promise', class extends Promise<unknown> {});
  const request = new Request(tt.url + orders, { method: 'POST', body: '{}' });
  expect((await authenticateFetch(fetch, manager)(request)).status).toBe(200);
});

describe('a manager whose own token request goes through', () => {
  it('the global fetch, which it authenticates, gets its token', async () => {
    const { tt, manager } = await setUp();
    onTestFinished(() => void vi.unstubAllGlobals());
    vi.stubGlobal('fetch', authenticateFetch(fetch, manager));
    expect((await fetch(tt.url + markets)).status).toBe(200);
    tt.revokeAll();
    expect((await fetch(new Request(tt.url + markets))).status).toBe(200);
    expect(statuses(tt)).toEqual([200, 401, 200]);
    expect(tt.tokenRequests.map(({ headers }) => headers.authorization)).toEqual([
      undefined,
      undefined,
    ]);
  });

  it('a fetch that another manager authenticates keeps its own key', async () => {
    const { tt, manager } = await setUp();
    await manager.getToken();
    const { apiKey, apiSecret, url: baseUrl } = tt;
    const other = createTokenManager({
      ...{ apiKey: `${apiKey}-other`, apiSecret, baseUrl, appName: 'Other', companyName: 'Tests' },
      ...{ store: memoryStore(), fetch: authenticateFetch(fetch, manager) },
    });
    onTestFinished(() => other.close());
    await expect(other.getToken()).rejects.toMatchObject({ code: 'CREDENTIALS_REJECTED' });
    expect(tt.tokenRequests.at(-1)?.headers).toMatchObject({ 'x-api-key': `${apiKey}-other` });
  });
});
