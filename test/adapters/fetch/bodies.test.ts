import { describe, expect, it } from 'vitest';
import { authenticateFetch } from '../../../src/adapters/fetch/index.js';
import { markets, orders, setUp, setUpRefused, startServer, statuses } from '../setup.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function upload(url: string, body: ReadableStream, signal?: AbortSignal): Request {
  const init = { method: 'POST', body, duplex: 'half' as const };
  return new Request(url, signal ? { ...init, signal } : init);
}

describe('a response that nobody reads', () => {
  it.each([
    ['of unknown length', {}],
    ['that stalls half-way', { 'content-length': '100' }],
  ])('%s is given up without waiting, whoever keeps a clone', async (_, headers) => {
    const seen: unknown[] = [];
    const { url } = await startServer((request, response) => {
      seen.push(request.headers.authorization);
      if (seen.length > 1) return void response.end('answer');
      response.writeHead(401, headers).write('some');
    });
    const clones: Response[] = [];
    const { manager } = await setUp(url);
    const fetch = authenticateFetch(async (input, init) => {
      const response = await globalThis.fetch(input, init);
      clones.push(response.clone());
      return response;
    }, manager);
    expect(await (await fetch(url)).text()).toBe('answer');
    expect(new Set(seen).size).toBe(2);
  });

  it('is given up where the check of it throws', async () => {
    const { tt, manager } = await setUp();
    const reason = new Error('no check');
    let given: Response | undefined;
    const fetch = authenticateFetch(
      async (input, init) => (given = await globalThis.fetch(input, init)),
      manager,
      { isTokenRejected: () => Promise.reject(reason) },
    );
    await expect(fetch(tt.url + markets)).rejects.toBe(reason);
    expect(given?.bodyUsed).toBe(true);
  });
});

describe('a Request with a stream', () => {
  it('is sent as it comes', async () => {
    let arrive = (): void => undefined;
    const arrived = new Promise<void>((resolve) => (arrive = resolve));
    const { url } = await startServer((request, response) => {
      request.once('data', () => arrive());
      request.on('end', () => response.end('whole'));
    });
    const { manager } = await setUp(url);
    await manager.getToken();
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = writable.getWriter();
    const sent = authenticateFetch(globalThis.fetch, manager)(upload(url, readable));
    await writer.write(bytes('first'));
    await arrived;
    await writer.close();
    expect(await (await sent).text()).toBe('whole');
  });

  it('is replayed once all of it was sent', async () => {
    const { tt, manager } = await setUpRefused();
    const chunks = ['one', 'two', 'three'];
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        const chunk = chunks.shift();
        if (chunk === undefined) controller.close();
        else controller.enqueue(bytes(chunk));
      },
    });
    const fetch = authenticateFetch(globalThis.fetch, manager);
    expect((await fetch(upload(tt.url + orders, body))).status).toBe(200);
    expect(statuses(tt)).toEqual([401, 200]);
    expect(tt.requests.map((request) => request.body)).toEqual(['onetwothree', 'onetwothree']);
  });

  it.each([
    ['of 1 MiB is replayed', 1_048_576, [401, 200]],
    ['of more is not', 1_048_577, [401]],
  ])('%s', async (_, length, expected) => {
    const { tt, manager } = await setUpRefused();
    let left = length;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        const size = Math.min(left, 262_144);
        left -= size;
        if (size > 0) controller.enqueue(new Uint8Array(size).fill(120));
        else controller.close();
      },
    });
    const answer = await authenticateFetch(
      globalThis.fetch,
      manager,
    )(upload(tt.url + orders, body));
    expect(answer.status).toBe(expected.at(-1));
    expect(statuses(tt)).toEqual(expected);
  });

  it('that fetch gives up is given up at its producer', async () => {
    const { tt, manager } = await setUp();
    let seen: unknown;
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(bytes('chunk')),
      cancel: (reason) => void (seen = reason),
    });
    const givesUp: typeof fetch = async (input) => {
      await (input as Request).body?.cancel('no more');
      return new Response('early');
    };
    await authenticateFetch(givesUp, manager)(upload(tt.url + orders, body));
    expect(seen).toBe('no more');
  });

  it('whose producer fails is the failure of fetch', async () => {
    const { tt, manager } = await setUp();
    const reason = new Error('producer');
    const failing = (): ReadableStream =>
      new ReadableStream({ pull: (controller) => controller.error(reason) });
    const sent = authenticateFetch(globalThis.fetch, manager)(upload(tt.url + orders, failing()));
    const bare = globalThis.fetch(upload(tt.url + orders, failing()));
    const expected = await bare.catch((error: unknown) => error);
    expect(expected).toHaveProperty('cause', reason);
    await expect(sent).rejects.toThrow(expected);
    await expect(sent).rejects.toHaveProperty('cause', reason);
  });

  it('of something else than bytes is left to fetch', async () => {
    const { tt, manager } = await setUp();
    const texts = (): ReadableStream =>
      new ReadableStream({
        start(controller) {
          controller.enqueue('text');
          controller.close();
        },
      });
    const outcome = (sent: Promise<Response>): Promise<unknown> =>
      sent.then(
        () => 'sent',
        (error: unknown) => String(error),
      );
    const bare = await outcome(globalThis.fetch(upload(tt.url + orders, texts())));
    const own = authenticateFetch(globalThis.fetch, manager);
    expect(await outcome(own(upload(tt.url + orders, texts())))).toBe(bare);
  });

  it('is read no further than it is sent', async () => {
    const { tt, manager } = await setUp();
    await manager.getToken();
    let pulled = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulled++;
        controller.enqueue(bytes('chunk'));
      },
    });
    const neverReads: typeof fetch = () => Promise.resolve(new Response('early'));
    await authenticateFetch(neverReads, manager)(upload(tt.url + orders, body));
    expect(pulled).toBeLessThanOrEqual(3);
  });

  it('that waits is given up when the caller gives up', async () => {
    const { tt, manager } = await setUp();
    await manager.getToken();
    const controller = new AbortController();
    const reason = new Error('enough');
    const body = new ReadableStream<Uint8Array>({
      start: (source) => source.enqueue(bytes('chunk')),
    });
    const sending: typeof fetch = (input, init) => {
      const sent = globalThis.fetch(input, init);
      controller.abort(reason);
      return sent;
    };
    const request = upload(tt.url + orders, body, controller.signal);
    await expect(authenticateFetch(sending, manager)(request)).rejects.toBe(reason);
  });
});

it('a Request reaches the inner fetch as a Request, with what a framework put on it', async () => {
  const { tt, manager } = await setUp();
  const seen: unknown[] = [];
  const own: typeof fetch = (input, init) => {
    seen.push(input instanceof Request, Reflect.get(Object(input) as object, 'next'), init);
    return globalThis.fetch(input);
  };
  const request = Object.assign(new Request(tt.url + markets), { next: { revalidate: 1 } });
  const init = { cf: 'own' } as RequestInit;
  expect((await authenticateFetch(own, manager)(request, init)).status).toBe(200);
  expect(seen).toEqual([true, { revalidate: 1 }, { cf: 'own', signal: request.signal }]);
});

it('a clone of a redirected response is redirected, too', async () => {
  const { tt, manager } = await setUp();
  tt.redirect('/inside', { status: 302, location: markets });
  const response = await authenticateFetch(globalThis.fetch, manager)(`${tt.url}/inside`);
  expect(response.clone().clone().redirected).toBe(true);
});

it('headers changed during the wait for a token change nothing', async () => {
  const { tt, manager } = await setUp();
  const headers = { 'x-own': 'before' };
  const sent = authenticateFetch(globalThis.fetch, manager)(tt.url + markets, { headers });
  headers['x-own'] = 'after';
  await sent;
  expect(tt.requests[0]?.headers['x-own']).toBe('before');
});
