import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createRedactor } from '../../src/base/redactor.js';
import { expectNoSecrets } from '../helpers/expect-no-secrets.js';

const secret = 'q7Zk!93vX1$w4Tj';
const pieces = Array.from(secret.slice(5), (_, start) => secret.slice(start, start + 6));

function caught(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return error;
  }
}

function showsSecret(text: string): boolean {
  return pieces.some((piece) => text.toLowerCase().includes(piece.toLowerCase()));
}

describe('redacted text', () => {
  it.each([secret, ...pieces])('does not show %s, in any case or company', (piece) => {
    const { text } = createRedactor('another-key', secret);
    for (const form of [piece, piece.toUpperCase(), piece.toLowerCase()]) {
      expect(text(`refused: ${form} is wrong`)).toBe('refused: [redacted] is wrong');
      expect(text(`key="${form}",x`)).toBe('[redacted]');
    }
  });

  it('does not show what was learnt later', () => {
    const redact = createRedactor('another-key');
    expect(redact.text(`was ${secret}`)).toBe(`was ${secret}`);
    redact.learn(secret);
    expect(redact.text(`was ${secret}`)).toBe('was [redacted]');
    expect(redact.text('was another-key')).toBe('was [redacted]');
  });

  it.each([
    ['percent-encoded', encodeURIComponent],
    ['in JSON', (text: string) => JSON.stringify(text)],
    ['in JSON in JSON', (text: string) => JSON.stringify(JSON.stringify(text))],
  ])('does not show a secret full of signs that is %s', (_, encode) => {
    const signs = 'aB!"\\c@D!e"\\f&G!"';
    expect(createRedactor(signs).text(`in ${encode(signs)} it is`)).toBe('in [redacted] it is');
    expect(createRedactor(signs).text(`in ${encode(signs.slice(3, 11))}`)).toBe('in [redacted]');
  });

  it('does not show a secret shorter than a piece', () => {
    expect(createRedactor('ab1').text('the key xAB1y')).toBe('the key [redacted]');
  });

  it.each([
    ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln', '[redacted]'],
    ['AbC+/=_-~%0123456789', '[redacted]'],
    ['0123456789abcdef', '[redacted]'],
    ['0123456789abcde', '0123456789abcde'],
    ['unauthorized_app', '[redacted]'],
    ['"Zq8!vR3@uJ5?tN1",', '[redacted]'],
    ['Zq8!vR3@,(uJ5?tN1', '[redacted]'],
  ])('turns %s, which looks like one or not, into %s', (word, expected) => {
    expect(createRedactor().text(`was ${word} here`)).toBe(`was ${expected} here`);
  });

  it('does not show a piece that is percent-encoded', () => {
    const { text } = createRedactor(secret);
    expect(text('sent q7Zk%2193vX1')).toBe('sent [redacted]');
    expect(text('sent %71%37%5a%6b%21')).toBe('sent %71%37%5a%6b%21');
    expect(text('sent 7%5A%6B!93')).toBe('sent [redacted]');
  });

  it.each([
    [inspect(Buffer.from(secret)), '<Buffer [redacted]>'],
    [inspect(new Uint8Array(Buffer.from(secret))), 'Uint8Array(15) [ [redacted] ]'],
    [Array.from(Buffer.from(secret), (byte) => `0x${byte.toString(16)}`).join(', '), '[redacted]'],
    ['it is 1 2 3 4 5 6 7 of 8', 'it is 1 2 3 4 5 6 7 of 8'],
    [
      'at 12:34:56.789 on 2030-01-02 from 127.0.0.1',
      'at 12:34:56.789 on 2030-01-02 from 127.0.0.1',
    ],
  ])('turns the bytes of %s into none', (said, expected) => {
    expect(createRedactor().text(said)).toBe(expected);
  });

  it('is one line of printable ASCII', () => {
    const raw = '  a\r\nb\t\u0000c\u001b[31m d\u2028e \u00e9\u202ef  ';
    expect(createRedactor().text(raw)).toBe('a b c [31m d e f');
  });

  it('is 200 characters at most and does not show a secret that is cut', () => {
    const { text } = createRedactor(secret);
    expect(text('no '.repeat(5_000))).toHaveLength(200);
    for (let length = 185; length <= 200; length++) {
      expect(showsSecret(text(`${'a'.repeat(9)} `.repeat(20).slice(0, length) + secret))).toBe(
        false,
      );
    }
  });
});

describe('the reason of an error', () => {
  const path = '/var/lib/some-application/tt-token.json';
  const { reason } = createRedactor(secret);

  it('keeps the paths of the file system', () => {
    const failure = caught(() => readFileSync(`${path}/nothing`));
    expect(reason(failure)).toContain(`open '${path}/nothing'`);
    const named = Object.assign(new Error(`${path} is a folder, ${secret}`), { path });
    expect(reason(named)).toBe(`${path} is a folder, [redacted]`);
  });

  it('does not keep long words of any other error', () => {
    expect(reason(new Error('cannot parse {"accessToken":"Zq8!vR3@uJ5?tN1"}'))).toBe(
      'cannot parse [redacted]',
    );
    expect(reason('cannot parse Zq8!vR3@uJ5?tN1~')).toBe('cannot parse [redacted]');
  });
});

describe('a redacted error', () => {
  it('keeps names, codes and causes, and nothing else that came with them', () => {
    const headers = { authorization: `Bearer ${secret}` };
    const root = Object.assign(new Error(`connect ${secret}`), { code: 'ECONNREFUSED', headers });
    const raw = new TypeError(`fetch failed for ${secret}`, { cause: root });
    const copy = createRedactor(secret).error(raw);
    expect(copy).toMatchObject({ name: 'TypeError', message: 'fetch failed for [redacted]' });
    const cause = copy.cause as Error;
    expect(cause).toMatchObject({ name: 'Error', message: 'connect [redacted]' });
    expect(cause).toHaveProperty('code', 'ECONNREFUSED');
    expect(cause).not.toHaveProperty('headers');
    const shown = [copy, cause].flatMap((error) => [JSON.stringify(error), error.stack ?? '']);
    for (const text of [inspect(copy, { depth: Infinity, showHidden: true }), ...shown])
      expect(showsSecret(text)).toBe(false);
  });

  it.each([secret, `{"secret":"${secret}"`, `"${secret}`, `a"${secret}"a`, `${secret} ${secret}`])(
    'does not show what JSON.parse quotes of %s',
    (json) => {
      const raw = caught(() => JSON.parse(json) as unknown);
      const redact = createRedactor();
      const copy = redact.error(new Error('not read', { cause: raw }));
      expect(copy.cause).toMatchObject({ name: 'SyntaxError' });
      expectNoSecrets({ secret }, copy, redact.reason(raw));
    },
  );

  it('does not show a secret that is its name or code', () => {
    const raw = Object.assign(new Error('failed'), { name: secret, code: secret });
    expect(createRedactor(secret).error(raw)).toMatchObject({
      name: '[redacted]',
      code: '[redacted]',
    });
  });

  it.each([
    ['UND_ERR_CONNECT_TIMEOUT', true],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', true],
    ['ERR_HTTP2_STREAM_ERROR', true],
    ['KMSInvalidStateException', true],
    ['a1b2c3d4e5f60718293a4b5c6d7e8f90', false],
    ['AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA', false],
    ['a'.repeat(41), false],
  ])('with the name and code %s keeps them: %s', (name, keeps) => {
    const raw = Object.assign(new Error('failed'), { name, code: name });
    const expected = keeps ? name : '[redacted]';
    expect(createRedactor().error(raw)).toMatchObject({ name: expected, code: expected });
  });

  it.each([
    ['a text', `failed: ${secret}`, 'failed: [redacted]'],
    ['bytes', Buffer.from('short words'), '[redacted]'],
    ['a number', 42, '42'],
    ['null', null, 'null'],
    ['nothing', undefined, 'undefined'],
    ['an object', { secret }, '[object Object]'],
    ['a symbol', Symbol(secret), '[redacted]'],
  ])('is made of %s too', (_, raw, message) => {
    const copy = createRedactor(secret).error(raw);
    expect(copy).toBeInstanceOf(Error);
    expect(copy.message).toBe(message);
    expect(copy.stack).toBe(`Error: ${message}`);
    const wrapped = createRedactor(secret).error(new Error('outer', { cause: raw }));
    expect((wrapped.cause as Error | undefined)?.message).toBe(raw === undefined ? raw : message);
  });

  it('ends where a chain of causes never does', () => {
    const one = new Error('one');
    const other = new Error('other', { cause: one });
    one.cause = other;
    const chain: Error[] = [];
    let next: unknown = createRedactor().error(one);
    for (; next instanceof Error; next = next.cause) chain.push(next);
    expect(chain.map(({ message }) => message)).toEqual(['one', 'other', 'one', 'other', 'one']);
  });
});
