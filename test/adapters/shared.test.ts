import { Readable } from 'node:stream';
import { inspect } from 'node:util';
import { FormData as UndiciFormData } from 'undici';
import { describe, expect, it, vi } from 'vitest';
import {
  rulesOf,
  type Attempt,
  type RejectableResponse,
} from '../../src/adapters/shared/options.js';
import { cleanError, cleanResponse } from '../../src/adapters/axios/cleanup.js';
import {
  isCredential,
  redirectedHeaders,
  withCredentials,
} from '../../src/adapters/shared/headers.js';
import { sendReplayingOnce } from '../../src/adapters/shared/replay-once.js';
import { isReplayable } from '../../src/adapters/shared/replayable.js';
import type { Authorization, TokenManager } from '../../src/index.js';
import { expectNoSecrets } from '../helpers/expect-no-secrets.js';

describe('isReplayable', () => {
  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a string', 'text'],
    ['an empty string', ''],
    ['a number', 0],
    ['a truth value', false],
    ['URLSearchParams', new URLSearchParams('a=1')],
    ['FormData', new FormData()],
    ["undici's FormData", new UndiciFormData()],
    ['a Blob', new Blob(['x'])],
    ['a File', new File(['x'], 'x.txt')],
    ['a Buffer', Buffer.from('x')],
    ['an ArrayBuffer', new ArrayBuffer(1)],
    ['a SharedArrayBuffer', new SharedArrayBuffer(1)],
    ['a Uint8Array', new Uint8Array(1)],
    ['a Float64Array', new Float64Array(1)],
    ['a DataView', new DataView(new ArrayBuffer(1))],
  ])('takes %s', (_, body) => expect(isReplayable(body)).toBe(true));

  it.each<[string, unknown]>([
    ['a ReadableStream', new ReadableStream()],
    ["a blob's stream", new Blob(['x']).stream()],
    ['a Node Readable', Readable.from(['x'])],
    [
      'a generator',
      (function* () {
        yield 'x';
      })(),
    ],
    [
      'an async generator',
      (async function* () {
        yield await Promise.resolve('x');
      })(),
    ],
    ['a plain iterable', { [Symbol.iterator]: () => ['x'][Symbol.iterator]() }],
    ['a plain object', {}],
  ])('does not take %s', (_, body) => expect(isReplayable(body)).toBe(false));
});

describe('credential headers', () => {
  const authorization: Authorization = {
    accessToken: 'token',
    requestId: 'request-id',
    headers: { 'x-api-key': 'key', authorization: 'Bearer token' },
  };
  const expected = [
    ['authorization', 'Bearer token'],
    ['accept', 'a/b'],
    ['x-api-key', 'key'],
  ].sort();

  it.each<[string, RequestInit['headers']]>([
    ['a plain object', { accept: 'a/b' }],
    ['a plain object with its own', { accept: 'a/b', AUTHORIZATION: 'Basic x', 'X-Api-Key': 'y' }],
    ['Headers', new Headers({ accept: 'a/b', Authorization: 'Basic x' })],
    [
      'pairs',
      [
        ['Accept', 'a/b'],
        ['X-API-KEY', 'y'],
      ],
    ],
  ])('stand once, in place of those of %s', (_, headers) => {
    const before = inspect(headers);
    const merged = withCredentials(headers, authorization);
    expect([...new Headers(merged)].sort()).toEqual(expected);
    expect(inspect(headers)).toBe(before);
  });

  it('stand alone where there are no others', () => {
    const merged = withCredentials(undefined, authorization);
    expect(merged).toEqual(authorization.headers);
    expect(merged).not.toBe(authorization.headers);
  });

  it('are known in any case', () => {
    expect(['X-API-Key', 'Authorization', 'x-api-keys', 'cookie'].map(isCredential)).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  it.each<[string, RequestInit['headers']]>([
    ['plain', { Authorization: 'x', 'X-Api-Key': 'x', Cookie: 'x', 'Content-Type': 'x', a: '1' }],
    [
      'pairs',
      [
        ['authorization', 'x'],
        ['x-api-key', 'x'],
        ['cookie', 'x'],
        ['content-type', 'x'],
        ['a', '1'],
      ],
    ],
    ['Headers', new Headers({ authorization: 'x', cookie: 'x', 'content-type': 'x', a: '1' })],
  ])('are lost to a redirect, with cookie and body headers, as it has it: %s', (_, headers) => {
    const names = (leavesOrigin: boolean, losesBody: boolean): string[] => [
      ...redirectedHeaders(headers, { leavesOrigin, losesBody }).keys(),
    ];
    expect(names(true, true)).toEqual(['a']);
    expect(names(true, false)).toEqual(['a', 'content-type']);
    expect(names(false, true)).toContain('authorization');
    expect(names(false, true)).not.toContain('content-type');
  });
});

describe('sendReplayingOnce', () => {
  /** A manager that gives these tokens, one for each call; an error is thrown. */
  function scene(
    tokens: readonly (string | Error | undefined)[],
    refused: readonly string[],
    onCheck: (token: string) => void = () => undefined,
  ) {
    const queue = [...tokens];
    let count = 0;
    const authorize = vi.fn((): Promise<Authorization | undefined> => {
      const token = queue.shift();
      if (token instanceof Error) return Promise.reject(token);
      if (token === undefined) return Promise.resolve(undefined);
      const headers = { 'x-api-key': 'key', authorization: `Bearer ${token}` };
      return Promise.resolve({ accessToken: token, requestId: `id-${++count}`, headers });
    });
    const invalidate = vi.fn();
    const discard = vi.fn<(sent: string) => void>();
    const free = vi.fn<(sent: string) => void>();
    const send = vi.fn(({ accessToken, requestId }: Authorization, isReplay: boolean) =>
      Promise.resolve(`${accessToken} ${requestId}${isReplay ? ' again' : ''}`),
    );
    const rules = {
      isTokenRejected({ url }: RejectableResponse) {
        onCheck(url);
        return refused.includes(url);
      },
    };
    const run = ({
      canReplay = true,
      signal,
    }: { canReplay?: boolean; signal?: AbortSignal } = {}) =>
      sendReplayingOnce<string>({ authorize, invalidate } as unknown as TokenManager, rules, {
        url: 'https://example.com/',
        waiting: (wait) => wait(signal),
        canReplay: () => canReplay,
        send,
        sendBare: () => Promise.resolve('bare'),
        answerTo: (sent) => ({ url: sent.split(' ')[0] }) as RejectableResponse,
        free,
        discard,
      });
    return { run, authorize, invalidate, discard, free, send };
  }

  it('sends once where the token is good', async () => {
    const { run, invalidate, discard, send } = scene(['a', 'b'], []);
    expect(await run()).toBe('a id-1');
    expect(send).toHaveBeenCalledTimes(1);
    expect(invalidate).not.toHaveBeenCalled();
    expect(discard).not.toHaveBeenCalled();
  });

  it('sends without credentials where the manager gives none', async () => {
    const { run, invalidate, send } = scene([undefined], ['bare']);
    expect(await run()).toBe('bare');
    expect([send.mock.calls, invalidate.mock.calls]).toEqual([[], []]);
  });

  it('reports a refused token and sends again with another', async () => {
    const { run, invalidate, discard } = scene(['a', 'b'], ['a']);
    expect(await run()).toBe('b id-2 again');
    expect(invalidate.mock.calls).toEqual([['a']]);
    expect(discard.mock.calls).toEqual([['a id-1']]);
  });

  it('reports both tokens and sends no third time where both are refused', async () => {
    const { run, invalidate, send } = scene(['a', 'b', 'c'], ['a', 'b']);
    expect(await run()).toBe('b id-2 again');
    expect(invalidate.mock.calls).toEqual([['a'], ['b']]);
    expect(send).toHaveBeenCalledTimes(2);
  });

  it.each<[string, string | Error | undefined]>([
    ['the same token comes again', 'a'],
    ['no token is to be had', new Error('down')],
    ['the manager trusts the URL no longer', undefined],
  ])('hands back the refusal, undisturbed, where %s', async (_, second) => {
    const { run, discard, send } = scene(['a', second], ['a']);
    expect(await run()).toBe('a id-1');
    expect(send).toHaveBeenCalledTimes(1);
    expect(discard).not.toHaveBeenCalled();
  });

  it('lets the refusal go from its connection where the next token is not at hand', async () => {
    const { run, authorize, free, discard } = scene(['a'], ['a']);
    let bring: (next: Authorization) => void = () => undefined;
    const next = new Promise<Authorization>((resolve) => (bring = resolve));
    authorize
      .mockImplementationOnce(authorize.getMockImplementation() as never)
      .mockReturnValueOnce(next);
    const running = run();
    await expect.poll(() => free.mock.calls).toEqual([['a id-1']]);
    expect(discard).not.toHaveBeenCalled();
    bring({ accessToken: 'b', requestId: 'id-2', headers: {} as never });
    expect(await running).toBe('b id-2 again');
    expect(discard.mock.calls).toEqual([['a id-1']]);
  });

  it('reports the token but does not send again what can be sent once only', async () => {
    const { run, authorize, invalidate } = scene(['a', 'b'], ['a']);
    expect(await run({ canReplay: false })).toBe('a id-1');
    expect(invalidate.mock.calls).toEqual([['a']]);
    expect(authorize).toHaveBeenCalledTimes(1);
  });

  it('rejects with the reason of the signal where the caller leaves meanwhile', async () => {
    const reason = new Error('left');
    const { run, discard } = scene(['a', new Error('aborted')], ['a']);
    await expect(run({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(discard.mock.calls).toEqual([['a id-1']]);
  });

  it.each([
    ['the first attempt', ['a'], 'a id-1'],
    ['the replay', ['b'], 'b id-2 again'],
  ])('gives up what %s brought where the check of it fails', async (_, failing, brought) => {
    const reason = new Error('no check');
    const { run, discard } = scene(['a', 'b'], ['a'], (token) => {
      if (failing.includes(token)) throw reason;
    });
    await expect(run()).rejects.toBe(reason);
    expect(discard.mock.calls.at(-1)).toEqual([brought]);
  });

  it('passes on what the first authorization and the sending throw', async () => {
    await expect(scene([new Error('no token')], []).run()).rejects.toThrow('no token');
    const { run, send } = scene(['a'], []);
    send.mockRejectedValueOnce(new Error('socket'));
    await expect(run()).rejects.toThrow('socket');
  });
});

describe('cleaning up after axios', () => {
  const secret = 'Bearer the-token';
  const own = { url: '/own' };
  const sent = { url: '/sent', headers: { authorization: secret } };
  const request = { headers: secret };

  it("puts the caller's config on a response and its request out of sight", () => {
    const data = { pipe: () => undefined, req: request, socket: request, client: request };
    const response = { status: 200, headers: {}, data, config: sent, request };
    expect(cleanResponse(response, own)).toBe(response);
    expect(response.config).toBe(own);
    expect(response.request).toBe(request);
    expect([data.req, data.socket, data.client]).toEqual([request, request, request]);
    expectNoSecrets({ secret }, response);
    const other = { headers: 'other' };
    response.request = other;
    expect(response.request).toBe(other);
  });

  it('leaves a request that cannot be hidden where it is', () => {
    const response = Object.freeze({ status: 200, headers: {}, data: '', config: own, request });
    expect(() => cleanError({ request: response, response: undefined }, own)).not.toThrow();
    const error = Object.defineProperty({}, 'request', { value: request });
    expect(cleanError(error, own)).toHaveProperty('request', request);
    const frozen = Object.freeze({ config: sent, code: 'ETIMEDOUT', message: 'timeout of 1ms' });
    expect(cleanError(frozen, own)).toBe(frozen);
    const response2 = Object.freeze({ status: 200, headers: {}, data: '', config: sent });
    expect(cleanResponse(response2, own)).toBe(response2);
  });

  it('leaves data of the API as they are, whatever their names', () => {
    const data = { req: 1, socket: 2, client: 3 };
    const response = { status: 200, headers: {}, data, config: sent };
    expect(cleanResponse(response, own).data).toEqual({ req: 1, socket: 2, client: 3 });
    expect(Object.keys(data)).toEqual(['req', 'socket', 'client']);
  });

  it.each([null, 'text', undefined, 1])('takes %o as data', (data) => {
    const response = { status: 200, headers: {}, data, config: sent };
    expect(cleanResponse(response, own)).toEqual({ status: 200, headers: {}, data, config: own });
  });

  it('does the same for an error, its response and its causes', () => {
    const response = { status: 500, headers: {}, data: '', config: sent, request };
    const cause = Object.assign(new Error('cause'), { config: sent, request });
    const error = Object.assign(new Error('top', { cause }), { config: sent, request, response });
    expect(cleanError(error, own)).toBe(error);
    expect([error.config, cause.config, response.config]).toEqual([own, own, own]);
    expect(error.request).toBe(request);
    expectNoSecrets({ secret }, error);
  });

  it.each([
    ['timeout of 275ms exceeded', 'timeout of 300ms exceeded'],
    ['timeout 275 of ms exceeded', 'timeout 300 of ms exceeded'],
    ['timeout of mine', 'timeout of mine'],
  ])('says the timeout that was set: %s', (message, expected) => {
    const error = Object.assign(new Error(message), { code: 'ETIMEDOUT' });
    expect(cleanError(error, { timeout: 300 })).toHaveProperty('message', expected);
  });

  it('ends where causes go round, and takes what is no error', () => {
    const error: Error = new Error('round');
    error.cause = error;
    expect(cleanError(error, own)).toBe(error);
    expect(error).not.toHaveProperty('config');
    for (const value of ['text', null, undefined]) expect(cleanError(value, own)).toBe(value);
  });
});

describe('the options of an adapter', () => {
  const response = (status: number): RejectableResponse => ({
    ...{ status, headers: new Headers(), url: 'https://a.b/', text: () => Promise.resolve('') },
  });

  it.each([undefined, {}, { isTokenRejected: undefined, onAttempt: undefined }])(
    'are by default that 401 is a refusal, and that nobody listens: %o',
    (options) => {
      const { isTokenRejected, tell } = rulesOf(options);
      const answers = [200, 401, 403].map((status) => isTokenRejected(response(status)));
      expect([answers, tell]).toEqual([[false, true, false], undefined]);
    },
  );

  it("are the caller's own where there are some", () => {
    const isTokenRejected = ({ status }: { status: number }): boolean => status === 403;
    expect(rulesOf({ isTokenRejected }).isTokenRejected(response(403))).toBe(true);
  });

  it.each([null, true, 401, '401', {}])('must be functions, not %o', (given) => {
    for (const name of ['isTokenRejected', 'onAttempt'])
      expect(() => rulesOf({ [name]: given })).toThrow(new TypeError(`${name} must be a function`));
  });

  it('break nothing where a listener throws or rejects, and hand it what cannot be changed', () => {
    const told: Attempt[] = [];
    const attempt = { requestId: 'id', method: 'GET', url: 'https://a.b/', isReplay: false };
    for (const end of [
      () => Promise.reject(new Error('full')),
      () => {
        throw new Error('full');
      },
    ]) {
      rulesOf({
        onAttempt(one) {
          told.push(one);
          return end();
        },
      }).tell?.({ ...attempt, status: 200 });
    }
    expect(told).toEqual(Array(2).fill({ ...attempt, status: 200 }));
    expect(told.every(Object.isFrozen)).toBe(true);
  });
});
