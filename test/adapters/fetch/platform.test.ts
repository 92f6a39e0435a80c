import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { authenticateFetch } from '../../../src/adapters/fetch/index.js';
import { markets, orders, setUp, setUpRefused, startServer, statuses } from '../setup.js';

afterEach(() => vi.unstubAllGlobals());

describe('integrity', () => {
  const hashOf = (kind: string, text: string): string =>
    `${kind}-${createHash(kind).update(text).digest('base64')}`;
  const right = hashOf('sha384', 'prices');
  const all: [string, string, boolean][] = [
    ['one hash', right, true],
    ['another hash', hashOf('sha512', 'others'), false],
    ['the strongest of several', `${hashOf('sha256', 'others')} ${right}`, true],
    ['the weaker of several', `${hashOf('sha256', 'prices')} ${hashOf('sha512', 'others')}`, false],
    ['none that is known', 'md5-abc', true],
  ];

  it.each(all)(
    'is that of the last response, as with the bare fetch: %s',
    async (_, integrity, isRight) => {
      const { url } = await startServer((request, response) => {
        const isMoved = request.url?.startsWith('/old');
        response.writeHead(isMoved ? 307 : 200, isMoved ? { location: '/list' } : {});
        response.end(isMoved ? 'moved' : 'prices');
      });
      const { manager } = await setUp(url);
      for (const call of [fetch, authenticateFetch(fetch, manager)]) {
        for (const path of ['/old', '/list']) {
          const outcome = await call(url + path, { integrity }).then(
            async (response) => [await response.text(), response.redirected],
            (error: unknown) => [
              (error as Error).message,
              ((error as Error).cause as Error).message,
            ],
          );
          expect(outcome).toEqual(
            isRight ? ['prices', path === '/old'] : ['fetch failed', 'integrity mismatch'],
          );
        }
      }
    },
  );

  it('hides no refusal', async () => {
    const { tt, manager } = await setUpRefused();
    const integrity = hashOf('sha256', 'no such answer');
    const sent = authenticateFetch(fetch, manager)(new Request(tt.url + markets, { integrity }));
    await expect(sent).rejects.toThrow('fetch failed');
    expect(statuses(tt)).toEqual([401, 200]);
  });
});

describe('a layer that makes errors of answers', () => {
  const layers: [string, (response: Response) => unknown][] = [
    ['with the response', (response) => Object.assign(new Error('ky'), { response })],
    [
      'with status and headers in the cause',
      ({ status: statusCode, headers }) =>
        new TypeError('fetch failed', {
          cause: Object.assign(new Error('undici'), {
            statusCode,
            headers: Object.fromEntries(headers),
          }),
        }),
    ],
    ['that cannot be changed', ({ status }) => Object.freeze({ status })],
  ];

  it.each(layers)('hides no refusal: %s', async (_, errorOf) => {
    const { tt, manager } = await setUpRefused();
    const thrown: unknown[] = [];
    const layer = async (input: string, init?: RequestInit): Promise<Response> => {
      const response = await fetch(input, init);
      if (response.ok) return response;
      thrown.push(errorOf(response));
      throw thrown.at(-1);
    };
    const call = authenticateFetch(layer, manager);
    expect((await call(tt.url + orders, { method: 'POST', body: 'side=buy' })).status).toBe(200);
    expect(tt.requests.map(({ body }) => body)).toEqual(['side=buy', 'side=buy']);
    // Where there is no other token, the very error goes on, with its answer.
    tt.failNextRequests({ status: 401, body: 'refused' });
    const error = await call(tt.url + markets).catch((reason: unknown) => reason);
    expect(error).toBe(thrown.at(-1));
    const { response } = error as { response?: Response };
    if (response) expect(await response.text()).toBe('refused');
  });
});

it('only the classes of the place are used, not those behind them', async () => {
  const { tt, manager } = await setUpRefused();
  const { Request: Platform } = globalThis;
  class Behind extends Platform {
    constructor(input: string | URL | Request, init?: RequestInit) {
      if (new.target === Behind) throw new TypeError('outside of a window');
      super(input, init);
    }
  }
  class OfWindow extends Behind {}
  vi.stubGlobal('Request', OfWindow);
  const init = { method: 'POST', body: 'side=buy' };
  const call = authenticateFetch(fetch, manager);
  expect((await call(new OfWindow(tt.url + orders, init))).status).toBe(200);
  class OfProgram extends OfWindow {
    constructor(path: string) {
      super(tt.url + path, init);
    }
  }
  expect((await call(new OfProgram(orders))).status).toBe(200);
  expect(tt.requests.map(({ body }) => body)).toEqual(Array(3).fill('side=buy'));
});

describe('a Request with a body in memory', () => {
  const form = new FormData();
  form.set('file', new Blob(['f'.repeat(1_500_000)]), 'a.txt');
  const bodies: [string, NonNullable<RequestInit['body']>][] = [
    ['text of 3 MiB', 't'.repeat(3 << 20)],
    ['bytes just over 1 MiB', new Uint8Array((1 << 20) + 1).fill(98)],
    ['a form with a part over 1 MiB', form],
  ];

  it.each(bodies)('is sent again, after a redirect and a refusal: %s', async (_, body) => {
    const { tt, manager } = await setUpRefused();
    tt.redirect('/old', { status: 308, location: orders });
    const request = new Request(`${tt.url}/old`, { method: 'POST', body });
    const response = await authenticateFetch(fetch, manager)(request);
    expect(response.status).toBe(200);
    const [first, ...others] = tt.requests.map((one) => one.body);
    expect(first?.length).toBeGreaterThan(1 << 20);
    expect(others.length).toBeGreaterThan(0);
    for (const other of others) expect(other === first).toBe(true);
  });
});
