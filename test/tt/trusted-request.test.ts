import { describe, expect, it, vi } from 'vitest';
import { createTrustCheck } from '../../src/tt/trusted-origins.js';
import { RedirectRefused, sendTrusted, type TrustedRequest } from '../../src/tt/trusted-request.js';

const url = 'https://ttrestapi.trade.tt/ttid/ext_uat_cert/token';
const headers = { 'x-api-key': 'a-key', accept: 'application/json' };
const formType = { 'content-type': 'application/x-www-form-urlencoded' };

interface Sent {
  readonly url: string;
  readonly init: RequestInit;
}

/** Sends a request to a service that answers as scripted, and lists what was sent. */
function send(request: Partial<TrustedRequest>, ...replies: Response[]) {
  const sent: Sent[] = [];
  const { signal } = new AbortController();
  const response = sendTrusted(
    { url, headers, ...request },
    {
      fetch: (target, init = {}) => {
        const reply = replies[sent.push({ url: target as string, init }) - 1];
        return reply ? Promise.resolve(reply) : Promise.reject(new Error('out of script'));
      },
      isTrusted: createTrustCheck(new URL(url), []),
      requestIdPrefix: 'app-company--',
      signal,
    },
  );
  return { response, sent, signal };
}

function redirect(status: number, location: string): Response {
  return new Response('moved', { status, headers: { location } });
}

/** The URLs without their request IDs. */
function targets(sent: readonly Sent[]): string[] {
  return sent.map(({ url: target }) => target.replace(/[?&]requestId=app-company--[^&#]+/, ''));
}

describe('sendTrusted', () => {
  it('sends a GET without body and content type, and gives the response', async () => {
    const answer = new Response('ok');
    const { response, sent, signal } = send({}, answer);
    expect(await response).toBe(answer);
    expect(targets(sent)).toEqual([url]);
    expect(sent[0]?.init).toEqual({
      method: 'GET',
      redirect: 'manual',
      cache: 'no-store',
      signal,
      headers,
    });
  });

  it('sends a form as a POST', async () => {
    const { response, sent, signal } = send({ form: 'a=1' }, new Response('ok'));
    await response;
    expect(sent[0]?.init).toEqual({
      method: 'POST',
      redirect: 'manual',
      cache: 'no-store',
      signal,
      headers: { ...headers, ...formType },
      body: 'a=1',
    });
  });

  it('follows redirects inside the trusted origins, each hop with a new request ID', async () => {
    const { response, sent } = send(
      { form: 'a=1' },
      redirect(307, 'https://apigateway.trade.tt/other?b=2'),
      redirect(308, `/third?requestId=theirs#part`),
      new Response('ok'),
    );
    expect(await (await response).text()).toBe('ok');
    expect(targets(sent)).toEqual([
      url,
      'https://apigateway.trade.tt/other?b=2',
      'https://apigateway.trade.tt/third#part',
    ]);
    for (const { init } of sent) {
      expect(init).toMatchObject({ method: 'POST', redirect: 'manual', body: 'a=1' });
      expect(init.headers).toEqual({ ...headers, ...formType });
    }
    const requestIds = sent.map((hop) => new URL(hop.url).searchParams.getAll('requestId'));
    expect(requestIds.map(({ length }) => length)).toEqual([1, 1, 1]);
    expect(new Set(requestIds.flat()).size).toBe(3);
  });

  it.each([301, 302, 303])('turns a form into a GET for good after %i', async (status) => {
    const { response, sent } = send(
      { form: 'a=1' },
      redirect(status, '/second'),
      redirect(307, '/third'),
      new Response('ok'),
    );
    await response;
    expect(sent.map(({ init }) => init.method)).toEqual(['POST', 'GET', 'GET']);
    for (const { init } of sent.slice(1)) {
      expect(init).not.toHaveProperty('body');
      expect(init.headers).toEqual(headers);
    }
  });

  it.each([
    [307, 'https://evil.example/'],
    [303, 'https://evil.example/'],
    [302, '//evil.example/'],
    [307, 'http://ttrestapi.trade.tt/'],
    [307, 'https://ttrestapi.trade.tt:8443/'],
    [307, 'https://ttrestapi.trade.tt@evil.example/'],
  ])('refuses a %i to %s and sends nothing there', async (status, location) => {
    const { response, sent } = send({ form: 'a=1' }, redirect(status, location));
    await expect(response).rejects.toThrow(RedirectRefused);
    await expect(response).rejects.toThrow(/^redirects to an origin that is not trusted$/);
    expect(sent).toHaveLength(1);
  });

  it.each(['ftp://ttrestapi.trade.tt/', 'data:text/plain,x', 'https://'])(
    'gives back a redirect to %s, where no client goes',
    async (location) => {
      const { response, sent } = send({ form: 'a=1' }, redirect(307, location));
      expect((await response).status).toBe(307);
      expect(sent).toHaveLength(1);
    },
  );

  it('follows five redirects and not a sixth', async () => {
    const loop = (count: number) => Array.from({ length: count }, () => redirect(307, '/again'));
    const long = send({}, ...loop(5), new Response('ok'));
    expect((await long.response).status).toBe(200);
    const endless = send({}, ...loop(20));
    await expect(endless.response).rejects.toThrow(new RedirectRefused('redirects in a loop'));
    expect(endless.sent).toHaveLength(6);
  });

  it.each([
    ['a redirect that names no place', new Response(null, { status: 302 })],
    ['a redirect to nowhere', redirect(307, 'https://')],
    ['a refusal', new Response('no', { status: 401, headers: { location: '/x' } })],
  ])('gives %s to the caller', async (_, answer) => {
    const { response, sent } = send({}, answer);
    expect(await response).toBe(answer);
    expect(sent).toHaveLength(1);
  });

  it('takes the answer in an error of fetch for an answer', async () => {
    const moved = redirect(307, '/second');
    const refused = new Response('no', { status: 403, headers: { 'retry-after': '9' } });
    const replies = [moved, refused];
    const urls: string[] = [];
    const response = await sendTrusted(
      { url, headers, form: 'a=1' },
      {
        fetch: (target) => {
          urls.push(target as string);
          throw Object.assign(new Error('status'), { response: replies.shift() });
        },
        isTrusted: createTrustCheck(new URL(url), []),
        requestIdPrefix: 'app-company--',
        signal: new AbortController().signal,
      },
    );
    expect(response).toMatchObject({ status: 403, body: refused.body });
    expect(response.headers.get('retry-after')).toBe('9');
    expect(urls).toHaveLength(2);
    await expect(moved.text()).rejects.toThrow();
  });

  it.each<[what: string, give: (answer: Response) => Promise<Response>]>([
    ['that fetch returns', (answer) => Promise.resolve(answer)],
    [
      'that fetch throws',
      (response) => Promise.reject(Object.assign(new Error('status'), { response })),
    ],
  ])('gives up an answer %s after the signal was aborted', async (_, give) => {
    for (const status of [307, 429, 500]) {
      const controller = new AbortController();
      const cancel = vi.fn();
      const answer = new Response(new ReadableStream({ cancel }), {
        status,
        headers: { location: '/next' },
      });
      const fetch = vi.fn(() => {
        controller.abort(new Error('enough'));
        return give(answer);
      });
      const sending = sendTrusted(
        { url, headers },
        { fetch, isTrusted: () => true, requestIdPrefix: 'a-b--', signal: controller.signal },
      );
      await expect(sending).rejects.toThrow('enough');
      expect(cancel).toHaveBeenCalledOnce();
      expect(fetch).toHaveBeenCalledOnce();
    }
  });

  it('gives the error of fetch to the caller', async () => {
    await expect(send({}).response).rejects.toThrow('out of script');
  });
});
