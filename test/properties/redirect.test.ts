import fc from 'fast-check';
import { fetch, MockAgent } from 'undici';
import { afterAll, describe, expect, it } from 'vitest';
import { authenticateFetch } from '../../src/adapters/fetch/index.js';
import { createTokenManager, memoryStore } from '../../src/index.js';
import { redirectStep } from '../../src/tt/redirect.js';
import { sendTrusted } from '../../src/tt/trusted-request.js';
import { grantingFetch } from '../helpers/granting-fetch.js';
import { apiKey, apiSecret } from '../manager/setup.js';
import { hostileReference, ownHost } from './hostile-urls.js';
import { runs } from './runs.js';

const url = `https://${ownHost}/ttpds/ext_uat_cert/markets?a=1#part`;

/** A Location as it can come over HTTP. */
const location = fc
  .oneof(
    hostileReference(`https://${ownHost}`),
    fc.constantFrom('', 'x', '/caf\u00e9', '//caf\u00e9.tt'),
  )
  .map((text) => text.replace(/[\0\r\n]/g, '').replace(/^[\t ]+|[\t ]+$/g, ''));
const status = fc.constantFrom(301, 302, 303, 307, 308, 200, 300, 304, 305, 306, 401);
const method = fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH');

/** A fetch whose first request is answered as given; every request goes into the log. */
function answeringFetch(status: number, location: string): { agent: MockAgent; log: string[] } {
  const log: string[] = [];
  const agent = new MockAgent();
  agent.disableNetConnect();
  agent
    .get(() => true)
    .intercept({ path: () => true, method: () => true })
    .reply(({ method, origin, path, body }) => {
      log.push(`${method} ${origin}${path.replace(/\?$/, '')} ${body ? 'with' : 'without'} a body`);
      const first = { statusCode: status, responseOptions: { headers: { location } } };
      return log.length === 1 ? first : { statusCode: 200 };
    })
    .persist();
  return { agent, log };
}

describe('a redirect', () => {
  it('leads where fetch itself goes, with the same method, and with a body where that sends one', async () => {
    const property = async (status: number, location: string, method: string): Promise<void> => {
      const body = method === 'GET' || method === 'HEAD' ? null : 'text';
      const native = answeringFetch(status, location);
      await fetch(url, { method, body, dispatcher: native.agent }).catch(() => undefined);

      const stepwise = answeringFetch(status, location);
      const init = { dispatcher: stepwise.agent, redirect: 'manual' } as const;
      const response = await fetch(url, { ...init, method, body });
      const step = redirectStep(response, { url, method });
      if (step) {
        const next = { ...init, method: step.method, body: step.keepsBody ? body : null };
        await fetch(step.url, next).catch(() => undefined);
      }
      expect(stepwise.log).toEqual(native.log);
    };
    await fc.assert(fc.asyncProperty(status, location, method, property), runs(500));
  });
});

describe('a chain of redirects', () => {
  const manager = createTokenManager({
    ...{ apiKey, apiSecret, appName: 'App', companyName: 'Company', autoRefresh: false },
    ...{ store: memoryStore(), fetch: grantingFetch().fetch },
  });
  afterAll(() => manager.close());

  const next = fc.oneof(location, fc.constantFrom('/x', '?a=2', 'https://apigateway.trade.tt/x'));
  const hop = fc.tuple(fc.constantFrom(301, 302, 303, 307, 308), next);
  const chain = fc.array(hop, { minLength: 1, maxLength: 8 });

  /** A fetch that answers with one redirect after the other, and the requests that it could send. */
  function redirectingFetch(answers: readonly [status: number, location: string][]): {
    fetch: typeof globalThis.fetch;
    sent: Request[];
  } {
    const sent: Request[] = [];
    const fetch = (url: string | URL | Request, init?: RequestInit): Promise<Response> => {
      sent.push(new Request(url, init));
      const [status = 200, location = ''] = answers[sent.length - 1] ?? [];
      const headers = { location: Buffer.from(location).toString('latin1') };
      return Promise.resolve(new Response(null, { status, headers }));
    };
    return { fetch: async (input, init) => fetch(input, init), sent };
  }

  /** What the fetch of Node says to a URL with user info, and to a redirect that is not http or https. */
  const fetchRefusal = /URL that includes credentials|^fetch failed$/;

  function isOurs({ url }: Request): boolean {
    const { protocol, host } = new URL(url);
    return protocol === 'https:' && /[^.]\.trade\.tt$/.test(host);
  }

  it('has credentials on every request to our origins, and on no other, nor a body there', async () => {
    const property = async (
      answers: [number, string][],
      method: string,
      body: string | undefined,
    ): Promise<void> => {
      const { fetch, sent } = redirectingFetch(answers);
      const hasBody = method !== 'GET' && method !== 'HEAD' && body !== undefined;
      const ask = { method, ...(hasBody && { body }), headers: { cookie: 'own=1' } };
      const failure: unknown = await authenticateFetch(fetch, manager)(url, ask).then(
        () => undefined,
        (error: unknown) => error,
      );
      if (failure) expect((failure as Error).message).toMatch(fetchRefusal);
      expect(sent[0]).toSatisfy(isOurs);
      for (const request of sent) {
        const { headers, url } = request;
        const credentials = [
          headers.get('x-api-key'),
          headers.get('authorization'),
          ...(/[?&]requestId=App-Company--[\da-f-]{36}/.exec(url) ?? [null]),
        ].filter((one) => one !== null);
        expect(credentials).toHaveLength(isOurs(request) ? 3 : 0);
        if (!isOurs(request)) expect([request.body, headers.get('cookie')]).toEqual([null, null]);
      }
    };
    const body = fc.constantFrom(undefined, 'text');
    await fc.assert(fc.asyncProperty(chain, method, body, property), runs(500));
  });

  it('of the token endpoint sends the secret to our origins alone', async () => {
    const property = async (answers: [number, string][]): Promise<void> => {
      const { fetch, sent } = redirectingFetch(answers);
      const request = { url, headers: { 'x-api-key': apiKey }, form: 'app_key=secret' };
      const { isTrusted } = manager;
      const { signal } = new AbortController();
      const options = { fetch, isTrusted, requestIdPrefix: 'App-Company--', signal };
      const error: unknown = await sendTrusted(request, options).catch((reason: unknown) => reason);
      for (const one of sent) expect(one).toSatisfy(isOurs);
      if (error instanceof Error) expect(error.name).toMatch(/^(RedirectRefused|TypeError)$/);
      else expect(error).toBeInstanceOf(Response);
    };
    await fc.assert(fc.asyncProperty(chain, property), runs(500));
  });
});
