import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createRedactor } from '../../src/base/redactor.js';
import {
  adviceFor,
  attemptTokenRequest,
  type TokenEndpointOptions,
} from '../../src/tt/token-endpoint.js';
import type { AttemptOutcome } from '../../src/tt/token-reply.js';
import { createTrustCheck } from '../../src/tt/trusted-origins.js';
import { heldFetch, type HeldRequest } from '../helpers/held-fetch.js';

type Body = ReadableStreamDefaultController<Uint8Array>;
type Ending = (body: Body) => void;

const apiKey = 'q7Zk-93vX1+w4Tj';
const secret = 'm5Rb&82yU6+h0=Np%26/?#:';
const now = 1_700_000_000_000;
const baseUrl = new URL('https://ttrestapi.trade.tt/');

/** Starts an attempt; `outcome` is what has come of it so far. */
function attempt(changes: Partial<TokenEndpointOptions> = {}) {
  const { fetch, requests } = heldFetch();
  const controller = new AbortController();
  const seen: { outcome?: AttemptOutcome; error?: unknown } = {};
  const options: TokenEndpointOptions = {
    apiKey,
    baseUrl,
    environment: 'UAT',
    fetch,
    requestIdPrefix: 'app-company--',
    timeoutMs: 10_000,
    isTrusted: createTrustCheck(baseUrl, []),
    redact: createRedactor(apiKey, secret),
    ...changes,
  };
  attemptTokenRequest(options, secret, controller.signal).then(
    (outcome) => (seen.outcome = outcome),
    (error: unknown) => (seen.error = error),
  );
  return { requests, seen, abort: (reason: Error) => controller.abort(reason) };
}

const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

/** Gives every request the same answer, until the attempt has come to its end. */
async function answerAll(
  { requests, seen }: ReturnType<typeof attempt>,
  answer: (request: HeldRequest) => void,
): Promise<void> {
  for (let answered = 0; !seen.outcome; await pass(10)) {
    requests.slice(answered).forEach(answer);
    answered = requests.length;
  }
}

beforeEach(() => void vi.useFakeTimers({ now }));
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('a token request', () => {
  it('is the one that TT documents, with key and secret encoded', async () => {
    const { requests, seen } = attempt();
    const { url, init } = requests[0] as HeldRequest;
    expect(url).toMatch(
      /^https:\/\/ttrestapi\.trade\.tt\/ttid\/ext_uat_cert\/token\?requestId=app-company--[\w-]{36}$/,
    );
    expect(init.method).toBe('POST');
    expect(init.redirect).toBe('manual');
    expect(init.headers).toEqual({
      'x-api-key': apiKey,
      accept: 'application/json',
      'content-type': 'application/x-www-form-urlencoded',
    });
    expect(init.body).toMatch(/^grant_type=user_app&app_key=[\w.%-]+:[\w.%-]+$/);
    expect([...new URLSearchParams(init.body as string)]).toEqual([
      ['grant_type', 'user_app'],
      ['app_key', `${apiKey}:${secret}`],
    ]);
    await pass(700);
    requests[0]?.grant('a-token', 60);
    await pass(0);
    expect(seen.outcome).toEqual({
      token: {
        accessToken: 'a-token',
        tokenType: 'bearer',
        obtainedAt: now,
        expiresAt: now + 60_000,
      },
    });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('goes below the path of the base URL, to the environment', () => {
    const options = { baseUrl: new URL('http://127.0.0.1:8080/tt'), environment: 'LIVE' } as const;
    const { requests } = attempt(options);
    expect(requests[0]?.url).toMatch(
      /^http:\/\/127\.0\.0\.1:8080\/tt\/ttid\/ext_prod_live\/token\?requestId=/,
    );
  });

  it('follows a redirect with the form, and none off the trusted origins', async () => {
    const { requests, seen } = attempt();
    requests[0]?.answer(307, '', { location: 'https://apigateway.trade.tt/token' });
    await pass(0);
    expect(requests[1]?.url).toMatch(/^https:\/\/apigateway\.trade\.tt\/token\?requestId=/);
    expect(requests[1]?.init.body).toBe(requests[0]?.init.body);
    requests[1]?.answer(308, '', { location: 'https://evil.example/token' });
    await pass(5_000);
    expect(requests).toHaveLength(2);
    expect(seen.outcome).toEqual({
      failure: {
        code: 'TOKEN_REQUEST_FAILED',
        message: 'the token endpoint redirects to an origin that is not trusted',
      },
    });
  });
});

describe('an attempt', () => {
  const passing: [what: string, answer: (request: HeldRequest) => void][] = [
    ['a connection error', (request) => request.fail()],
    ['an abort of fetch itself', (request) => request.fail(new DOMException('no', 'AbortError'))],
    ['502', (request) => request.answer(502, '<html>')],
    ['503', (request) => request.answer(503)],
    ['504', (request) => request.answer(504, { message: 'Endpoint request timed out' })],
  ];
  const final: [what: string, answer: (request: HeldRequest) => void][] = [
    ...[400, 401, 403, 404, 429, 500, 501].map(
      (status): [string, (request: HeldRequest) => void] => [
        String(status),
        (request) => request.answer(status),
      ],
    ),
    ['200 without a token', (request) => request.answer(200, '<html>')],
    ['200 with a refusal', (request) => request.answer(200, { status: 'Fail' })],
    ['503 with a Retry-After', (request) => request.answer(503, '', { 'retry-after': '1' })],
    ['a redirect loop', (request) => request.answer(307, '', { location: 'http://x.example/' })],
  ];

  it.each(passing)('is three requests on %s, each with a new request ID', async (_, answer) => {
    const started = attempt();
    const { requests, seen } = started;
    await answerAll(started, answer);
    expect(requests).toHaveLength(3);
    expect(new Set(requests.map(({ url }) => url)).size).toBe(3);
    expect(seen.outcome).toHaveProperty('failure.code', 'TOKEN_REQUEST_FAILED');
  });

  it.each(final)('is one request on %s', async (_, answer) => {
    const started = attempt();
    await answerAll(started, answer);
    await pass(60_000);
    expect(started.requests).toHaveLength(1);
    expect(started.seen.outcome).toHaveProperty('failure');
  });

  it.each<[what: string, status: number, code: string, end: Ending]>([
    ['a 401 is cut short', 401, 'CREDENTIALS_REJECTED', (body) => body.error(new Error('reset'))],
    ['a 429 is cut short', 429, 'TOKEN_RATE_LIMITED', (body) => body.error(new Error('reset'))],
    ['a 401 stalls', 401, 'CREDENTIALS_REJECTED', () => undefined],
    ['a 429 stalls', 429, 'TOKEN_RATE_LIMITED', () => undefined],
  ])('tells the status and the time to wait where %s', async (_, status, code, end) => {
    const cancel = vi.fn<() => void>();
    const start = (body: Body): void => {
      body.enqueue(Buffer.from('{"mess'));
      end(body);
    };
    const headers = { 'retry-after': '30' };
    const fetch = vi.fn(() => {
      return Promise.resolve(
        new Response(new ReadableStream({ start, cancel }), { status, headers }),
      );
    });
    const { seen } = attempt({ fetch });
    await pass(1_100);
    expect(seen.outcome).toMatchObject({
      failure: { code, responseStatus: status, retryAfterMs: 30_000 },
    });
    expect(fetch).toHaveBeenCalledOnce();
    if (end.length === 0) expect(cancel).toHaveBeenCalledOnce();
  });

  it('tells the status of a stalled failure within a short time limit, too', async () => {
    const stalled = new Response(new ReadableStream(), { status: 403 });
    const { seen } = attempt({ fetch: () => Promise.resolve(stalled), timeoutMs: 300 });
    await pass(400);
    expect(seen.outcome).toHaveProperty('failure.responseStatus', 403);
  });

  it('is one request where the answer cannot be decoded', async () => {
    const error = Object.assign(new Error('incorrect header check'), { code: 'Z_DATA_ERROR' });
    const fetch = vi.fn(() => {
      return Promise.resolve(
        new Response(new ReadableStream({ start: (body) => body.error(error) })),
      );
    });
    const { seen } = attempt({ fetch });
    await pass(2_000);
    expect(fetch).toHaveBeenCalledOnce();
    expect(seen.outcome).toMatchObject({
      failure: {
        code: 'TOKEN_RESPONSE_INVALID',
        message:
          'the answer of the token endpoint at https://ttrestapi.trade.tt cannot be decoded: incorrect header check (Z_DATA_ERROR)',
      },
    });
  });

  it.each([['a Map', new Map()] as const, ['absent', undefined] as const])(
    'takes a mocked answer whose headers are %s',
    async (_, headers) => {
      const response = { status: 429, headers, json: () => Promise.resolve({ message: 'slowly' }) };
      const { seen } = attempt({ fetch: () => Promise.resolve(response as unknown as Response) });
      await pass(10);
      expect(seen.outcome).toHaveProperty('failure.code', 'TOKEN_RATE_LIMITED');
      expect(seen.outcome).toHaveProperty('failure.message', expect.stringMatching(/: slowly$/));
    },
  );

  it('ends within about a second, with growing pauses', async () => {
    for (const random of [0, 1]) {
      vi.spyOn(Math, 'random').mockReturnValue(random);
      const sentAfterMs: number[] = [];
      const startedAt = Date.now();
      const fetch = (): Promise<Response> => {
        sentAfterMs.push(Date.now() - startedAt);
        return Promise.reject(new TypeError('fetch failed'));
      };
      const { seen } = attempt({ fetch });
      await pass(1_000);
      expect(seen.outcome).toBeDefined();
      expect(sentAfterMs).toEqual(random === 0 ? [0, 150, 450] : [0, 180, 540]);
    }
  });

  it('sends no further request once the second is over', async () => {
    const { requests, seen } = attempt();
    await pass(700);
    requests[0]?.answer(503);
    await pass(200);
    expect(requests).toHaveLength(2);
    requests[1]?.answer(503);
    await pass(0);
    expect(seen.outcome).toHaveProperty('failure.responseStatus', 503);
    await pass(60_000);
    expect(requests).toHaveLength(2);
  });

  it('succeeds with its second request, from whose start the token lives', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0);
    const { requests, seen } = attempt();
    requests[0]?.answer(502);
    await pass(150);
    requests[1]?.grant('a-token', 60);
    await pass(0);
    expect(seen.outcome).toHaveProperty('token.obtainedAt', now + 150);
  });

  it('names the origin that was not reached, with the redacted cause', async () => {
    const started = attempt();
    const root = Object.assign(new Error(`connect ${apiKey}`), { code: 'ECONNREFUSED' });
    await answerAll(started, (request) => request.fail(new TypeError(secret, { cause: root })));
    expect(started.seen.outcome).toMatchObject({
      failure: {
        code: 'TOKEN_REQUEST_FAILED',
        message:
          'the token endpoint at https://ttrestapi.trade.tt was not reached: ' +
          '[redacted]: connect [redacted] (ECONNREFUSED); check the base URL and the proxy',
        cause: {
          name: 'TypeError',
          code: 'ECONNREFUSED',
          message: '[redacted]',
          cause: { message: 'connect [redacted]', code: 'ECONNREFUSED' },
        },
      },
    });
  });
});

describe('the message of a connection that failed', () => {
  const happened = 'the token endpoint at https://ttrestapi.trade.tt was not reached: ';
  const advice = '; check the base URL and the proxy';
  const room = 200 - happened.length;

  it.each([
    ['a reason that leaves room for advice', 'x'.repeat(room - 46), advice],
    ['a reason that leaves none', 'x'.repeat(room - 45), ''],
  ])('has %s', async (_, reason, expected) => {
    const started = attempt();
    const error = Object.assign(new Error(reason), { code: 'ENOTFOUND' });
    await answerAll(started, (request) => request.fail(error));
    expect(started.seen.outcome).toHaveProperty(
      'failure.message',
      `${happened}${reason} (ENOTFOUND)${expected}`,
    );
  });

  it('keeps the code where a long reason is cut', async () => {
    const started = attempt();
    const error = Object.assign(new Error('x'.repeat(500)), { code: 'EHOSTUNREACH' });
    await answerAll(started, (request) => request.fail(error));
    const message = `${happened}${'x'.repeat(room - 15)} (EHOSTUNREACH)`;
    expect(started.seen.outcome).toHaveProperty('failure.message', message);
    expect(message).toHaveLength(200);
  });

  it.each([
    [undefined, ''],
    ['ECONNRESET', ''],
    ['XENOTFOUND', ''],
    ['ENOTFOUNDX', ''],
    ['ENOTFOUND', advice],
    ['ECONNREFUSED', advice],
    ['ETIMEDOUT', advice],
    ['UND_ERR_CONNECT_TIMEOUT', advice],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', '; set NODE_EXTRA_CA_CERTS to your CA file'],
    ['UNABLE_TO_GET_ISSUER', '; set NODE_EXTRA_CA_CERTS to your CA file'],
  ])('with the code %s gives the advice %o', (code, expected) => {
    expect(adviceFor(code)).toBe(expected);
  });
});

describe('an attempt that takes too long', () => {
  const endless = (): Response => new Response(new ReadableStream());

  it.each([
    ['a fetch that honours its signal', undefined],
    ['a fetch that ignores its signal', () => new Promise<never>(() => undefined)],
    ['a body that never ends', () => Promise.resolve(endless())],
  ])('is ended for %s, and not repeated', async (_, given) => {
    const fetch = vi.fn(given ?? heldFetch().fetch);
    const { seen } = attempt({ fetch, timeoutMs: 400 });
    await pass(399);
    expect(seen.outcome).toBeUndefined();
    await pass(1);
    expect(seen.outcome).toEqual({
      failure: {
        code: 'TOKEN_REQUEST_FAILED',
        message: 'the token endpoint did not answer within 400 ms',
      },
    });
    await pass(60_000);
    expect(fetch).toHaveBeenCalledTimes(1);
  });

  it('has its request aborted', async () => {
    const { requests } = attempt({ timeoutMs: 400 });
    await pass(400);
    expect(requests[0]?.init.signal?.aborted).toBe(true);
  });
});

describe('an attempt through a fetch that throws for a status', () => {
  /** Throws as ky, ofetch and axios do: with the response; or as undici does: in the cause. */
  const throwing = (isCause: boolean) => {
    const { fetch, requests } = heldFetch();
    const layer: typeof fetch = async (input, init) => {
      const response = await fetch(input, init);
      if (response.ok) return response;
      const { status: statusCode } = response;
      if (!isCause) throw Object.assign(new Error(`status ${statusCode}`), { response });
      const body: unknown = await response.json().catch(() => undefined);
      const parsed = { statusCode, body, headers: Object.fromEntries(response.headers) };
      throw new TypeError('fetch failed', { cause: Object.assign(new Error('status'), parsed) });
    };
    return { ...attempt({ fetch: layer }), requests };
  };

  it.each([true, false])('reads the answer, its words and its Retry-After', async (isCause) => {
    const started = throwing(isCause);
    started.requests[0]?.answer(429, { message: 'slowly' }, { 'retry-after': '20, 40' });
    await pass(0);
    expect(started.seen.outcome).toMatchObject({
      failure: {
        code: 'TOKEN_RATE_LIMITED',
        responseStatus: 429,
        retryAfterMs: 40_000,
        message: 'the token endpoint limits the rate of requests (429): slowly',
      },
    });
    await pass(60_000);
    expect(started.requests).toHaveLength(1);
  });

  it.each([true, false])('follows a redirect, and repeats what passes', async (isCause) => {
    const started = throwing(isCause);
    started.requests[0]?.answer(307, '', { location: '/moved' });
    await pass(0);
    started.requests[1]?.answer(503);
    await pass(200);
    started.requests[2]?.grant('a-token');
    await pass(0);
    expect(started.requests[1]?.url).toContain('/moved?');
    expect(started.seen.outcome).toHaveProperty('token.accessToken', 'a-token');
  });
});

describe('a framework’s signal that comes through fetch', () => {
  it.each<[what: string, wrap: (signal: Error) => Error]>([
    ['as it is', (signal) => signal],
    ['in a cause', (cause) => new TypeError('fetch failed', { cause })],
  ])('%s goes on unchanged, after one request', async (_, wrap) => {
    const signal = Object.assign(new Error('dynamic'), { digest: 'DYNAMIC', status: 503 });
    const thrown = wrap(signal);
    const { requests, seen } = attempt();
    requests[0]?.fail(thrown);
    await pass(60_000);
    expect(seen.outcome).toBeUndefined();
    expect(seen.error).toBe(thrown);
    expect(requests).toHaveLength(1);
  });
});

describe('what nobody will read', () => {
  const bodyOf = (cancel: () => void): ReadableStream => {
    const start = (body: Body): void => body.enqueue(Buffer.from('{"status":"Ok",'));
    return new ReadableStream({ start, cancel });
  };

  it('is given up where a body stalls and fetch has dropped the signal', async () => {
    const cancel = vi.fn();
    const { seen } = attempt({
      fetch: () => Promise.resolve(new Response(bodyOf(cancel))),
      timeoutMs: 300,
    });
    await pass(299);
    expect(cancel).not.toHaveBeenCalled();
    await pass(1);
    expect(seen.outcome).toHaveProperty('failure.code', 'TOKEN_REQUEST_FAILED');
    expect(cancel).toHaveBeenCalledOnce();
  });

  it('is given up where the answer comes after its limit', async () => {
    const cancel = vi.fn();
    const late = (): Promise<Response> =>
      new Promise((resolve) => void setTimeout(() => resolve(new Response(bodyOf(cancel))), 900));
    const { seen } = attempt({ fetch: late, timeoutMs: 300 });
    await pass(300);
    expect(seen.outcome).toBeDefined();
    await pass(600);
    expect(cancel).toHaveBeenCalledOnce();
  });

  it('is given up where the caller does', async () => {
    const cancel = vi.fn();
    const { abort } = attempt({ fetch: () => Promise.resolve(new Response(bodyOf(cancel))) });
    await pass(10);
    abort(new Error('closed'));
    await pass(0);
    expect(cancel).toHaveBeenCalledOnce();
  });
});

describe('an attempt that is given up', () => {
  const reason = new Error('enough');

  it('rejects with the reason and aborts its request', async () => {
    const { requests, seen, abort } = attempt();
    abort(reason);
    await pass(0);
    expect(seen).toEqual({ error: reason });
    expect(requests[0]?.init.signal?.reason).toBe(reason);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('rejects with the reason though fetch ignores its signal', async () => {
    const { seen, abort } = attempt({ fetch: () => new Promise(() => undefined) });
    abort(reason);
    await pass(0);
    expect(seen).toEqual({ error: reason });
  });

  it('rejects in the pause between two requests, and sends no other', async () => {
    const { requests, seen, abort } = attempt();
    requests[0]?.fail();
    await pass(50);
    abort(reason);
    await pass(0);
    expect(seen).toEqual({ error: reason });
    await pass(60_000);
    expect(requests).toHaveLength(1);
  });
});

describe('an attempt while the process is frozen', () => {
  /** The clock goes on, and nothing else. */
  async function freeze(ms: number): Promise<void> {
    vi.setSystemTime(Date.now() + ms);
    await pass(50);
  }

  it('starts anew, with all of its requests', async () => {
    const started = attempt();
    await freeze(60_000);
    started.requests[0]?.fail();
    await answerAll(started, (request) => request.fail());
    expect(started.requests).toHaveLength(4);
  });

  it('starts anew once, however often that happens', async () => {
    const fetch = vi.fn(() => Promise.reject(new TypeError('fetch failed')));
    const { seen } = attempt({ fetch });
    for (let freezes = 0; freezes < 100 && !seen.outcome; freezes++) await freeze(1_300);
    expect(seen.outcome).toHaveProperty('failure.code', 'TOKEN_REQUEST_FAILED');
    expect(fetch.mock.calls.length).toBeLessThanOrEqual(6);
  });

  it('does not start anew where the endpoint has answered', async () => {
    const started = attempt();
    await freeze(60_000);
    await answerAll(started, (request) => request.answer(500));
    expect(started.requests).toHaveLength(1);
  });
});
