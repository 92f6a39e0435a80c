import { AxiosError, AxiosHeaders, type InternalAxiosRequestConfig } from 'axios';
import { describe, expect, it } from 'vitest';
import { answerOf } from '../../src/base/answer-of-error.js';

const headers = { 'Retry-After': '7' };

function responseErrorOf(status: number, cause: object = {}): Error {
  const inner = Object.assign(new Error('Response Error'), { statusCode: status, ...cause });
  return new TypeError('fetch failed', { cause: inner });
}

function axiosErrorOf(status: number): AxiosError {
  const config = { headers: new AxiosHeaders() } as InternalAxiosRequestConfig;
  const response = { status, statusText: '', data: '', config };
  const answer = { ...response, headers: new AxiosHeaders(headers) };
  return new AxiosError('Request failed', 'ERR_BAD_REQUEST', config, {}, answer);
}

describe('an answer that became an error', () => {
  it.each<[what: string, error: (status: number) => unknown]>([
    [
      'the response',
      (status) => Object.assign(new Error(), { response: new Response(null, { status, headers }) }),
    ],
    ['the response of axios', axiosErrorOf],
    [
      'a response with a Map',
      (status) => ({ response: { status, headers: new Map([['retry-after', '7']]) } }),
    ],
    ['a cause with statusCode and headers', (status) => responseErrorOf(status, { headers })],
    [
      'a cause of the cause',
      (status) =>
        new Error('no', { cause: responseErrorOf(status, { headers: { 'retry-after': ['7'] } }) }),
    ],
    ['a status of its own', (status) => Object.assign(new Error(), { status, headers })],
    [
      'a statusCode of its own',
      (status) => Object.assign(new Error(), { statusCode: status, headers: { 'RETRY-AFTER': 7 } }),
    ],
  ])('is read from an error that has %s', (_, error) => {
    for (const status of [307, 401, 403, 429, 503, 599]) {
      const answer = answerOf(error(status));
      expect(answer?.status).toBe(status);
      expect(answer?.headers.get('retry-after')).toBe('7');
      expect(answer?.headers.get('location')).toBeNull();
    }
  });

  it('hands on the response, for its body', () => {
    const response = new Response('words', { status: 403 });
    expect(answerOf({ response })).toMatchObject({ response, body: response.body });
  });

  it.each<[what: string, error: object, words: string]>([
    ['undici’s body, parsed', { statusCode: 403, body: { message: 'no' } }, '{"message":"no"}'],
    ['undici’s body, as a text', { statusCode: 403, body: 'no' }, 'no'],
    ['axios’s data', { response: { status: 403, data: { message: 'no' } } }, '{"message":"no"}'],
    [
      'what ofetch and ky have read',
      { response: { status: 403, bodyUsed: true, body: {} }, data: 'no' },
      'no',
    ],
    ['no body', { statusCode: 403 }, '""'],
  ])('has the words of %s', async (_, error, words) => {
    expect(await answerOf(error)?.text()).toBe(words);
  });

  it('is not seen in a framework’s own signal', () => {
    const response = new Response(null, { status: 404 });
    expect(answerOf(Object.assign(new Error(), { digest: 'NOT_FOUND', response }))).toBeUndefined();
  });

  it('is a 401 where undici cannot send a body again', () => {
    const cause = new Error('expected non-null body source');
    expect(answerOf(new TypeError('fetch failed', { cause }))).toMatchObject({ status: 401 });
  });

  it.each([
    undefined,
    null,
    'text',
    new Error('fetch failed'),
    new TypeError('fetch failed', { cause: Object.assign(new Error(), { code: 'ECONNRESET' }) }),
    { response: undefined },
    { response: {} },
    { response: new Response('') },
    { statusCode: 200 },
    { statusCode: '401' },
    { status: 16 },
    { status: 401.5 },
    { status: NaN },
  ])('is not seen in %o', (error) => {
    expect(answerOf(error)).toBeUndefined();
  });

  it('is not seen in an error that cannot be read', () => {
    const get = (): never => {
      throw new Error('no');
    };
    expect(answerOf(Object.defineProperty({}, 'response', { get }))).toBeUndefined();
  });

  it('ends its search in a ring of causes', () => {
    const error = new Error('ring');
    error.cause = error;
    expect(answerOf(error)).toBeUndefined();
  });

  it.each([undefined, null, 'text', {}, []])('has no header where the headers are %o', (none) => {
    expect(answerOf({ statusCode: 429, headers: none })?.headers.get('retry-after')).toBeNull();
  });
});
