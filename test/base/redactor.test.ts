import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { createRedactor } from '../../src/base/redactor.js';
import { expectNoSecrets } from '../helpers/expect-no-secrets.js';

const secret = 'q7Zk!93vX1$w4Tj';
const pieces = Array.from(secret.slice(7), (_, start) => secret.slice(start, start + 8));

const percentOf = (one: string): string => `%${one.charCodeAt(0).toString(16).padStart(2, '0')}`;

function caught(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return error;
  }
}

describe('redacted text', () => {
  it.each([secret, ...pieces])('does not show %s, in any case or company', (piece) => {
    const { text } = createRedactor('another-key', secret);
    for (const form of [piece, piece.toUpperCase(), piece.toLowerCase()]) {
      expect(text(`refused: ${form} is wrong`)).toBe('refused: [redacted] is wrong');
      expect(text(`/a/path/${form}/b`)).toBe('/a/path/[redacted]/b');
    }
  });

  it.each([
    ['percent-encoded', encodeURIComponent],
    ['in JSON', (text: string) => JSON.stringify(text).slice(1, -1)],
    ['percent-encoded as a whole', (text: string) => text.replace(/[^]/g, percentOf)],
    [
      'percent-encoded in capitals',
      (text: string) => text.replace(/\W/g, (one) => percentOf(one).toUpperCase()),
    ],
    [
      'in JSON by numbers',
      (text: string) => text.replace(/\W/g, (one) => percentOf(one).replace('%', '\\u00')),
    ],
    ['in Base64', (text: string) => Buffer.from(`key:${text}`).toString('base64')],
    ['in base64url', (text: string) => Buffer.from(`a${text}`).toString('base64url')],
  ])('does not show a secret full of signs that is %s', (_, encode) => {
    const signs = 'aB!"\\c@D!e"\\f&G!"';
    expectNoSecrets({ signs }, createRedactor(signs).text(`in ${encode(signs)} it is`));
    expect(createRedactor(signs).text(`in ${encode(signs)} it is`)).toMatch(/^in .* it is$/);
  });

  it('replaces a short secret as a whole, a very short one only where it stands alone', () => {
    expect(createRedactor('ab1x').text('the key zAB1Xy')).toBe('the key z[redacted]y');
    expect(createRedactor('abc').text('abc: abcd, x=abc')).toBe('[redacted]: abcd, x=[redacted]');
    expect(createRedactor('').text('a text')).toBe('a text');
  });

  it.each([
    'getaddrinfo ENOTFOUND ttrestapi.trade.tt',
    'SELF_SIGNED_CERT_IN_CHAIN: self-signed certificate in certificate chain',
    "Cannot find module 'proper-lockfile'",
    "EACCES: permission denied, open '/var/lib/some-application/tt-token.json'",
    'Connect Timeout Error (attempted address: tt.example:443, timeout: 10000ms)',
    'at 12:34:56.789 it is 1 2 3 4 5 6 7 of 8, a1b2c3d4e5f60718293a4b5c6d7e8f90',
  ])('keeps the words of %s', (message) => {
    expect(createRedactor('another-key', secret).text(message)).toBe(message);
  });

  it('is one line without control characters, 200 characters at most', () => {
    const raw = '  a\r\nb\t\u0000c\u001b[31m d\u2028e \u00e9\u202ef\ud800  ';
    expect(createRedactor().text(raw)).toBe('a b c d e \u00e9 f');
    expect(createRedactor().text(`${'x'.repeat(199)}\u{1f600}`)).toBe('x'.repeat(199));
    expect(createRedactor().text('no '.repeat(50_000))).toHaveLength(200);
    for (let length = 185; length <= 200; length++)
      expectNoSecrets({ secret }, createRedactor(secret).text('a'.repeat(length) + secret));
  });
});

it('asks for a secret that becomes known later', () => {
  const keys: string[] = [];
  const { text } = createRedactor(() => keys);
  expect(text(secret)).toBe(secret);
  keys.push(secret);
  expect(text(secret)).toBe('[redacted]');
});

describe('what was learnt', () => {
  const some = (count: number): string[] =>
    Array.from({ length: count }, () => randomBytes(12).toString('hex'));

  it('is the last twelve secrets and the last twelve tokens, beside those known from the start', () => {
    const redact = createRedactor(secret);
    const [secrets, tokens] = [some(13), some(13)];
    for (const one of secrets) redact.learnSecret(one);
    for (const one of tokens) redact.learnToken(one);
    expectNoSecrets({ secret }, redact.text(secret));
    for (const [oldest = '', ...others] of [secrets, tokens]) {
      expect(redact.text(oldest)).toBe(oldest);
      for (const one of others) expect(redact.text(one)).toBe('[redacted]');
    }
  });

  it('stays known when it is learnt again', () => {
    const redact = createRedactor();
    const [first = '', ...others] = some(100);
    for (const one of others) {
      for (const again of [secret, first]) redact.learnSecret(again);
      redact.learnSecret(one);
      redact.learnToken(one);
    }
    expect(redact.text(`${secret} ${first}`)).toBe('[redacted] [redacted]');
  });
});

describe('a text of our own', () => {
  const { own } = createRedactor(secret, 'İK7pQz2Lm9XwTr4Vb');

  it.each([
    '/home/José Ñandú/my  token.json',
    '/tmp/Ünï côde/İstanbul/日本語/😀 \u00a0.json',
    `/${'long/'.repeat(100)}token.json`,
    'C:\\Users\\Zoë\\AppData\\Local\\tt.json',
    'two lines\n  and a tab\t',
    'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE',
  ])('stays as it is written: %s', (text) => {
    expect(own(text)).toBe(text);
  });

  it('loses known secrets, and nothing else', () => {
    expect(own(`/tmp/İİ ${secret}  x/é/${encodeURIComponent(secret)}/ü`)).toBe(
      '/tmp/İİ [redacted]  x/é/[redacted]/ü',
    );
  });
});

describe('an error that names a path', () => {
  const path = `/var/Ünï  côde/${'deep/'.repeat(60)}tt-token.json`;
  const errorOf = (message: string, fields: object): Error =>
    Object.assign(new Error(message), { code: 'EACCES', ...fields });
  const redact = createRedactor(secret);

  it.each([
    ['of a system call', `EACCES: permission denied, open '${path}'`, { path }],
    [
      'of a rename',
      `EACCES: no, rename '${path}.tmp' -> '${path}'`,
      { path: `${path}.tmp`, dest: path },
    ],
    ['of our own', `EACCES: ${path} is a folder`, { path }],
  ])('%s shows it whole', (_, message, fields) => {
    const thrown = errorOf(message, fields);
    expect(redact.describe(thrown)).toEqual({ message, code: 'EACCES' });
    expect(redact.error(thrown)).toMatchObject({ message, code: 'EACCES', path: fields.path });
    const outer = new Error('the token file cannot be read', { cause: thrown });
    expect(redact.reason(outer)).toBe(`the token file cannot be read: ${message}`);
  });

  it('shows no secret in it, and no endless words', () => {
    const thrown = errorOf(`${path} ${secret} ${'no '.repeat(200)}`, { path });
    expectNoSecrets({ secret }, redact.error(thrown), redact.reason(thrown));
    expect(redact.reason(thrown).length).toBeLessThanOrEqual(path.length + 200);
    expect(redact.reason(thrown)).toMatch(/ \(EACCES\)$/);
  });
});

describe('the reason of a thrown value', () => {
  const { describe: reasonOf, error } = createRedactor(secret);
  const refused = (address: string): Error =>
    Object.assign(new Error(`connect ECONNREFUSED ${address}`), { code: 'ECONNREFUSED', address });
  const looped = new Error('one');
  looped.cause = new Error('other', { cause: looped });
  const { proxy, revoke } = Proxy.revocable(new Error('gone'), {});
  revoke();
  const hostile = {
    get message(): string {
      throw new Error('no');
    },
    toString: () => {
      throw new Error('no');
    },
  };

  it.each<[string, unknown, string, string | undefined]>([
    [
      'of a port that fetch blocks',
      new TypeError('fetch failed', { cause: new Error('bad port') }),
      'bad port (ECONNREFUSED)',
      'ECONNREFUSED',
    ],
    [
      'of fetch',
      new TypeError('fetch failed', { cause: refused('::1') }),
      'connect ECONNREFUSED ::1',
      'ECONNREFUSED',
    ],
    [
      'of several addresses',
      new TypeError('fetch failed', {
        cause: new AggregateError([refused('::1'), refused('127.0.0.1')]),
      }),
      'connect ECONNREFUSED ::1: connect ECONNREFUSED 127.0.0.1',
      'ECONNREFUSED',
    ],
    [
      'whose cause is an object',
      new Error('failed', { cause: { code: 'EPIPE' } }),
      'failed: [object Object] (EPIPE)',
      'EPIPE',
    ],
    [
      'whose cause is a text',
      new Error('failed', { cause: 'no route' }),
      'failed: no route',
      undefined,
    ],
    [
      'of another realm',
      runInNewContext('new TypeError("no", { cause: new Error("why") })'),
      'no: why',
      undefined,
    ],
    ['of an abort', new DOMException('aborted', 'AbortError'), 'aborted', undefined],
    [
      'that quotes a secret',
      Object.assign(new Error(`no ${secret}`), { code: secret }),
      'no [redacted]',
      '[redacted]',
    ],
    ['in a circle', looped, 'one: other', undefined],
    ['a text', `no ${secret}`, 'no [redacted]', undefined],
    ['nothing', undefined, 'undefined', undefined],
    ['null', null, 'null', undefined],
    ['a number', 42, '42', undefined],
    ['a symbol', Symbol('why'), 'Symbol(why)', undefined],
    ['a revoked proxy', proxy, 'unknown error', undefined],
    ['hostile', hostile, 'unknown error', undefined],
  ])('%s is named', (_, thrown, message, code) => {
    expect(reasonOf(thrown)).toEqual({ message, ...(code !== undefined && { code }) });
    const copy = error(thrown);
    expect((copy as { code?: unknown }).code).toBe(code);
    expectNoSecrets({ secret }, copy);
  });

  it('has its code whole, however long', () => {
    const code = `ERR_${'VERY_'.repeat(18)}LONG`;
    const { message } = reasonOf(Object.assign(new Error('no '.repeat(100)), { code }));
    expect(message).toHaveLength(200);
    expect(message.endsWith(` (${code})`)).toBe(true);
  });

  it('keeps its code where its words are too long', () => {
    const { message } = reasonOf(Object.assign(new Error('no '.repeat(100)), { code: 'EROFS' }));
    expect(message).toHaveLength(200);
    expect(message).toMatch(/ \(EROFS\)$/);
  });

  it('keeps what tells a failed system call', () => {
    const path = resolve('/var/lib/some-application/tt-token.json/nothing');
    const thrown = caught(() => readFileSync(path));
    expect(reasonOf(thrown)).toMatchObject({ code: 'ENOENT' });
    expect(error(thrown)).toMatchObject({ code: 'ENOENT', syscall: 'open', path });
  });

  it.each([secret, `{"secret":"${secret}"`, `"${secret}`, `a"${secret}"a`, `${secret} ${secret}`])(
    'does not show what JSON.parse quotes of %s',
    (json) => {
      const thrown = caught(() => JSON.parse(json) as unknown);
      const redact = createRedactor();
      expectNoSecrets(
        { secret },
        redact.error(new Error('no', { cause: thrown })),
        redact.reason(thrown),
      );
    },
  );
});

describe('a redacted error', () => {
  it('keeps names, codes and causes, and nothing else that came with them', () => {
    const headers = { authorization: `Bearer ${secret}` };
    const root = Object.assign(new Error(`connect ${secret}`), { code: 'ECONNREFUSED', headers });
    const copy = createRedactor(secret).error(new TypeError(`no ${secret}`, { cause: root }));
    expect(copy).toMatchObject({ name: 'TypeError', message: 'no [redacted]' });
    expect(copy.cause).toMatchObject({ message: 'connect [redacted]', code: 'ECONNREFUSED' });
    expect(copy.cause).not.toHaveProperty('headers');
    expectNoSecrets({ secret }, copy);
  });
});
