import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { expectNoSecrets, inspectWithGetters } from './expect-no-secrets.js';

const secret = 'Zq8!v"3@uJ5?tN1\\fB7;cM9,xW2';
const piece = secret.slice(2, 10);
const search = (value: unknown): void => expectNoSecrets({ secret }, value);

const encodings: readonly (readonly [string, (text: string) => string])[] = [
  ['as it is', (text) => text],
  ['in capitals', (text) => text.toUpperCase()],
  ['percent-encoded', encodeURIComponent],
  [
    'percent-encoded to the last',
    (text) => Buffer.from(text).toString('hex').replace(/../g, '%$&'),
  ],
  ['as JSON', (text) => JSON.stringify(text)],
  ['as JSON in JSON', (text) => JSON.stringify(JSON.stringify(text))],
  ['inspected', (text) => inspect(text)],
  ['as escapes', (text) => Buffer.from(text).toString('hex').replace(/../g, '\\u00$&')],
  ['as bytes, inspected', (text) => inspect(Buffer.from(text))],
  [
    'as bytes in hex',
    (text) => Array.from(Buffer.from(text), (one) => `0x${one.toString(16)}`).join(),
  ],
  ['as bytes in a list', (text) => inspect(new Uint8Array(Buffer.from(text)))],
  ['as bytes in JSON', (text) => JSON.stringify(Buffer.from(text))],
  ['in Base64', (text) => Buffer.from(text).toString('base64')],
  ['in Base64, one byte on', (text) => Buffer.from(`x${text}`).toString('base64')],
  ['in Base64, two bytes on', (text) => Buffer.from(`xy${text}`).toString('base64')],
  ['in Base64 for URLs', (text) => Buffer.from(`x${text}`).toString('base64url')],
];

const places: readonly (readonly [string, (text: string) => unknown])[] = [
  ['a text', (text) => `before ${text} after`],
  ['a property', (text) => ({ a: [{ b: text }] })],
  ['a hidden property', (text) => Object.defineProperty({}, 'a', { value: text })],
  ['a symbol property', (text) => ({ [Symbol('a')]: text })],
  ['a property name', (text) => ({ [text]: 1 })],
  ['a Map', (text) => new Map([[{ a: text }, 1]])],
  ['bytes', (text) => Buffer.from(text)],
  ['bytes in a property', (text) => ({ a: new Uint8Array(Buffer.from(text)) })],
  ['a settled promise', (text) => Promise.resolve(text)],
  ['the JSON of an object', (text) => ({ toJSON: () => text })],
  ['the string of an object', (text) => ({ toString: () => text })],
  ['a message', (text) => new Error(text)],
  ['a stack', (text) => Object.assign(new Error('a'), { stack: text })],
  ['a cause', (text) => new Error('a', { cause: new Error('b', { cause: text }) })],
  ['one of several errors', (text) => new AggregateError([new Error(text)])],
  ['something deep', (text) => ({ a: { a: { a: { a: { a: { a: { a: text } } } } } } })],
];

describe('expectNoSecrets', () => {
  it.each(encodings)('finds a piece of 8 characters %s', (_, encode) => {
    expect(() => search(`a ${encode(piece)} b`)).toThrow('a piece of the secret');
    expect(() => search(`a ${encode(secret)} b`)).toThrow('a piece of the secret');
  });

  it.each(places)('finds a piece in %s', (_, put) => {
    expect(() => search(put(piece))).toThrow('a piece of the secret');
  });

  it('finds a secret that is shorter than a piece', () => {
    expect(() => expectNoSecrets({ key: 'ab1' }, 'xAB1y')).toThrow('a piece of the key');
  });

  it('finds a piece behind a getter where it is asked to', () => {
    const value = Object.defineProperty({}, 'a', { get: () => piece, enumerable: false });
    expect(() => search(value)).not.toThrow();
    expect(() => search(inspectWithGetters(value))).toThrow('a piece of the secret');
  });

  it('lets pass what is shorter than a piece, and everything else', () => {
    const round: Record<string, unknown> = { a: secret.slice(0, 7), b: secret.slice(-7), c: 1n };
    round.round = round;
    for (const value of [round, undefined, null, 42, Symbol('a'), '%zz \\u12', new Error('fine')])
      expect(() => search(value)).not.toThrow();
  });
});
