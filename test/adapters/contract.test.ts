import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { collectGarbage } from '../helpers/collect-garbage.js';
import { expectNoSecrets } from '../helpers/expect-no-secrets.js';
import { isFull } from '../helpers/full.js';
import { startForTest } from '../testing/client.js';
import { clients, type Ask } from './clients.js';
import {
  expectStranger,
  markets,
  orders,
  requestIds,
  setUp,
  setUpRefused,
  startForeign,
  startServer,
  statuses,
} from './setup.js';

/** In many-processes.test.ts it is 500 requests in any case. */
const refusals = isFull ? 500 : 100;

const bodies: readonly (readonly [string, () => NonNullable<Ask['body']>, string])[] = [
  ['JSON', () => '{"qty":1}', '{"qty":1}'],
  ['a form', () => new URLSearchParams({ a: '1 & 2' }), 'a=1+%26+2'],
  ['bytes', () => new TextEncoder().encode('bytes'), 'bytes'],
  ['a blob', () => new Blob(['blob']), 'blob'],
];

describe.each(clients)(
  '$name',
  ({ connect, guardsRedirects, toStream, FormData: OwnFormData = FormData }) => {
    it('sends token, app key and a new request ID with every request', async () => {
      const { tt, manager } = await setUp();
      const request = connect(manager);
      for (let count = 0; count < 3; count++)
        expect((await request(tt.url + markets)).status).toBe(200);
      expect(tt.tokenRequests).toHaveLength(1);
      expect(requestIds(tt)).toBe(3);
      expect(tt.requests.every(({ headers }) => headers['x-api-key'] === tt.apiKey)).toBe(true);
    });

    it('leaves the query as it was written, repeated keys and encoding included', async () => {
      const { tt, manager } = await setUp();
      await connect(manager)(`${tt.url}${markets}?b=%28x%29&a=1&a=2&c=x%20y`);
      expect(tt.requests[0]?.query).toMatch(
        /^b=%28x%29&a=1&a=2&c=x%20y&requestId=Adapter-Tests--[\da-f-]+$/,
      );
    });

    it('replaces a token that the API refuses, and replays the request once', async () => {
      const { tt, manager } = await setUp();
      const request = connect(manager);
      await request(tt.url + markets);
      tt.revokeAll();
      expect((await request(tt.url + markets)).status).toBe(200);
      expect(tt.tokenRequests).toHaveLength(2);
      expect(statuses(tt)).toEqual([200, 401, 200]);
    });

    it.each(bodies)(
      'replays a POST of %s with the same body and headers',
      async (_, body, text) => {
        const { tt, manager } = await setUpRefused();
        const headers = { 'x-own': 'kept', 'content-type': 'application/octet-stream' };
        const { status } = await connect(manager)(tt.url + orders, {
          method: 'POST',
          body: body(),
          headers,
        });
        expect(status).toBe(200);
        expect(statuses(tt)).toEqual([401, 200]);
        for (const request of tt.requests) {
          expect(request.body).toBe(text);
          expect(request.headers['x-own']).toBe('kept');
          expect(request.headers['content-type']).toBe('application/octet-stream');
        }
      },
    );

    it('replays a POST of FormData', async () => {
      const { tt, manager } = await setUpRefused();
      const body = new OwnFormData();
      body.set('field', 'value of the form');
      expect((await connect(manager)(tt.url + orders, { method: 'POST', body })).status).toBe(200);
      expect(tt.requests.map((request) => request.body.includes('value of the form'))).toEqual([
        true,
        true,
      ]);
    });

    it('hands a second refusal to the caller as its own, after one replay', async () => {
      const { tt, manager } = await setUp();
      tt.failNextRequests({ status: 401, count: Infinity });
      const { status } = await connect(manager)(tt.url + markets);
      expect(status).toBe(401);
      expect(tt.requests).toHaveLength(2);
      expect(tt.tokenRequests).toHaveLength(2);
    });

    it.each([403, 429, 500])('takes no new token because of a %i', async (status) => {
      const { tt, manager } = await setUp();
      tt.failNextRequests({ status, count: 1 });
      expect((await connect(manager)(tt.url + markets)).status).toBe(status);
      expect(tt.tokenRequests).toHaveLength(1);
      expect(tt.requests).toHaveLength(1);
    });

    it('lets the caller say what a refusal is', async () => {
      const { tt, manager } = await setUp();
      tt.failNextRequests({ status: 403, count: 1, headers: { 'x-reason': 'expired' } });
      const urls = new Set<string>();
      const request = connect(manager, {
        isTokenRejected: ({ status, headers, url }) => {
          urls.add(url);
          return status === 403 && headers.get('x-reason') === 'expired';
        },
      });
      expect((await request(`${tt.url + markets}?a=1`)).status).toBe(200);
      expect(Array.from(urls)).toEqual([`${tt.url + markets}?a=1`]);
      expect(tt.tokenRequests).toHaveLength(2);
    });

    it('sends nothing of ours to another origin', async () => {
      const { manager, tt } = await setUp();
      const { url, seen } = await startForeign();
      expect((await connect(manager)(`${url}/path?q=1`)).text).toBe('foreign');
      expectStranger(seen, { times: 1 });
      expect(tt.tokenRequests).toHaveLength(0);
    });

    it('lets one caller stop waiting for a token, and serves the others', async () => {
      const { tt, manager } = await setUp();
      const release = tt.holdTokenRequests();
      const request = connect(manager);
      const controller = new AbortController();
      const aborted = request(tt.url + markets, { signal: controller.signal });
      const served = request(tt.url + markets);
      await tt.waitForTokenRequests(1);
      controller.abort();
      await expect(aborted).rejects.toThrow();
      release();
      expect((await served).status).toBe(200);
      expect(tt.tokenRequests).toHaveLength(1);
      expect(tt.requests).toHaveLength(1);
    });

    it.each([
      ['its request', []],
      ['its replay', [(response: ServerResponse) => response.writeHead(401).end()]],
    ])('passes an abort on to %s after a garbage collection', async (_, answers) => {
      let arrive = (): void => undefined;
      const unanswered = new Promise<void>((resolve) => (arrive = resolve));
      const { url } = await startServer((_request, response) => {
        const answer = answers.shift();
        if (answer) answer(response);
        else arrive();
      });
      const { manager } = await setUp(url);
      const controller = new AbortController();
      const aborted = connect(manager)(url, { signal: controller.signal });
      await unanswered;
      await collectGarbage();
      controller.abort();
      await expect(aborted).rejects.toThrow();
    });

    it(`shares one refresh among ${refusals} refusals that come late, over 200 ms, and none of them fails`, async () => {
      const { tt, manager } = await setUp();
      const request = connect(manager);
      await request(tt.url + markets);
      const answers = [];
      for (const lateMs of [0, 50, 100, 150, 200]) {
        // Long enough for all to be on their way when the token is revoked.
        tt.configure({ apiLatencyMs: 1_500 + lateMs });
        for (let count = 0; count < refusals / 5; count++) answers.push(request(tt.url + markets));
        await expect.poll(() => tt.requests.length, { interval: 5 }).toBe(1 + answers.length);
      }
      tt.revokeAll();
      tt.configure({ apiLatencyMs: 0 });
      expect(new Set((await Promise.all(answers)).map(({ status }) => status))).toEqual(
        new Set([200]),
      );
      expect(statuses(tt).filter((status) => status === 401).length).toBeGreaterThanOrEqual(
        refusals / 5,
      );
      expect(tt.tokenRequests).toHaveLength(2);
    });

    it('spaces the refreshes of a permanent 401', async () => {
      const { tt, manager } = await setUp();
      const request = connect(manager);
      await request(tt.url + markets);
      tt.failNextRequests({ status: 401, count: Infinity });
      for (let count = 0; count < 20; count++)
        expect((await request(tt.url + markets)).status).toBe(401);
      expect(tt.tokenRequests.length).toBeLessThanOrEqual(3);
    });

    it.runIf(guardsRedirects)(
      'sends a stream once: a refusal goes to the caller, the next call is fine',
      async () => {
        const { tt, manager } = await setUpRefused();
        const chunks = [1, 2, 3].map(() => Buffer.alloc(700_000, 'x'));
        const body = toStream({ stream: () => ReadableStream.from(chunks) } as unknown as Blob);
        const request = connect(manager);
        expect((await request(tt.url + orders, { method: 'POST', body })).status).toBe(401);
        expect((await request(tt.url + markets)).status).toBe(200);
        expect(tt.tokenRequests).toHaveLength(2);
      },
    );

    describe.runIf(guardsRedirects)('redirected', () => {
      it.each([301, 302, 303, 307, 308] as const)(
        'by %i inside the trusted origins: all stays on',
        async (status) => {
          const sibling = await startForTest();
          const { tt, manager } = await setUp(sibling.url);
          tt.redirect(markets, { status, location: '/ttpds/ext_uat_cert/products?x=1' });
          expect((await connect(manager)(tt.url + markets)).status).toBe(200);
          expect(tt.requests).toHaveLength(2);
          expect(tt.requests[1]?.headers['x-api-key']).toBe(tt.apiKey);

          tt.redirect(markets, { status, location: `${sibling.url}${markets}` });
          await connect(manager)(tt.url + markets);
          expect(sibling.requests[0]?.headers['x-api-key']).toBe(tt.apiKey);
          expect(sibling.requests[0]?.token).toBe(tt.tokenRequests[0]?.accessToken);
          expect(sibling.requests[0]?.requestId).not.toBe(tt.requests.at(-1)?.requestId);
        },
      );

      it.each([301, 302, 303, 307, 308] as const)(
        'by %i off them: nothing of ours arrives',
        async (status) => {
          const { tt, manager } = await setUp();
          const { url, seen } = await startForeign();
          tt.redirect(markets, { status, location: `${url}/elsewhere` });
          expect((await connect(manager)(tt.url + markets)).text).toBe('foreign');
          expectStranger(seen, { times: 1 });
        },
      );

      it.each([307, 308] as const)(
        'by %i off them with a body: it is not followed',
        async (status) => {
          const { tt, manager } = await setUp();
          const { url, seen } = await startForeign();
          tt.redirect(orders, { status, location: `${url}/elsewhere` });
          const sent = connect(manager)(tt.url + orders, { method: 'POST', body: 'the body' });
          const outcome = await sent.catch((error: unknown) => error as Error);
          expect(outcome instanceof Error || outcome.status === status).toBe(true);
          expect(seen).toEqual([]);
        },
      );

      it('by 303 after a POST: a GET without the body', async () => {
        const { tt, manager } = await setUp();
        tt.redirect(orders, { status: 303, location: markets });
        const { status } = await connect(manager)(tt.url + orders, { method: 'POST', body: 'x=1' });
        expect(status).toBe(200);
        expect(tt.requests.map(({ method, body }) => [method, body])).toEqual([
          ['POST', 'x=1'],
          ['GET', ''],
        ]);
      });
    });

    it.runIf(guardsRedirects)('shows no credentials in what it hands back', async () => {
      const { tt, manager } = await setUp();
      const request = connect(manager);
      const good = await request(tt.url + markets);
      tt.failNextRequests({ status: 500, count: 1 });
      const bad = await request(tt.url + markets);
      await tt.close();
      const gone: unknown = await request(tt.url + markets).catch((error: unknown) => error);
      const { accessToken } = await manager.getToken();
      const { apiKey, apiSecret } = tt;
      expectNoSecrets({ accessToken, apiKey, apiSecret }, good.handed, bad.handed, gone);
    });
  },
);
