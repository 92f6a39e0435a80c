import fc from 'fast-check';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createRedactor, type Redactor } from '../../src/base/redactor.js';
import { runs } from './runs.js';

const pieceLength = 8;
/** One line, in whatever script. */
const shortLine = /^\P{C}{0,200}$/u;

/** Keys, secrets and tokens: whatever can stand in a header, much of it made of signs. */
const printable = fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code));
const secretText = fc.oneof(
  fc.uuid(),
  fc.string({ unit: printable, minLength: 4, maxLength: 40 }),
  fc.string({ unit: fc.constantFrom(...Array.from('!"\\%&@=/aB3')), minLength: 8, maxLength: 24 }),
  fc.string({ unit: fc.constantFrom(...Array.from('abcdefghij')), minLength: 12, maxLength: 64 }),
  fc.base64String({ minLength: 16, maxLength: 400 }).filter((text) => text.length > 12),
);

/** A secret and a piece of it that is long enough to count. */
const leak = fc.tuple(secretText, fc.nat(), fc.nat()).map(([secret, from, length]) => {
  const shortest = Math.min(pieceLength, secret.length);
  const start = from % (secret.length - shortest + 1);
  const longest = secret.length - start;
  const piece = secret.slice(start, start + shortest + (length % (longest - shortest + 1)));
  return { secret, piece };
});

const percentEncoded = (text: string): string => encodeURIComponent(text);
const fullyEncoded = (text: string): string =>
  Array.from(text, (one) => `%${one.charCodeAt(0).toString(16).padStart(2, '0')}`).join('');
const jsonEscaped = (text: string): string => JSON.stringify(text).slice(1, -1);
const form = fc.constantFrom<(text: string) => string>(
  (text) => text,
  (text) => text.toUpperCase(),
  (text) => text.toLowerCase(),
  percentEncoded,
  fullyEncoded,
  jsonEscaped,
);

const surroundings = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    'key=',
    '"',
    '\\',
    '%',
    '=',
    ': ',
    '\n',
    '\t',
    '\0',
    '\u00e9',
    '\ud800',
    '/',
  ),
  fc.constantFrom('https://tt.example/?a=', 'x'.repeat(15), 'x'.repeat(16), 'ab '.repeat(60)),
  fc.constantFrom(
    ' '.repeat(1_990),
    '\u00e9'.repeat(1_993),
    'a '.repeat(996),
    'Bearer ',
    '[redacted]',
  ),
  fc.string({ unit: 'binary', maxLength: 20 }),
);

const unescaped = (text: string): string => text.replace(/\\(.)/g, '$1');

const readings: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) =>
    text.replace(/%([\da-f]{2})/gi, (_, code: string) => String.fromCharCode(parseInt(code, 16))),
  unescaped,
];

/** The pieces of a secret that a text shows to somebody who knows how it was encoded. */
function shown(text: string, secret: string): readonly string[] {
  const length = Math.min(pieceLength, secret.length);
  const pieces = Array.from({ length: secret.length - length + 1 }, (_, start) =>
    secret.slice(start, start + length).toLowerCase(),
  );
  // What stands in place of a secret is no piece of one, even where the end of the text cuts it off.
  const rest = text.replaceAll('[redacted]', ' ').replace(/\[[redact]{0,8}$/, ' ');
  const seen = readings.map((read) => read(rest).toLowerCase());
  return pieces.filter((piece) => seen.some((one) => one.includes(piece)));
}

function learnt(secret: string): Redactor {
  const redact = createRedactor('another-key');
  redact.learnSecret(secret);
  return redact;
}

describe('a learnt secret', () => {
  it('does not leave a text, whatever stands around it and however it is encoded', () => {
    const property = (
      { secret, piece }: { secret: string; piece: string },
      encode: (text: string) => string,
      before: string,
      after: string,
    ): void => {
      const said = learnt(secret).text(before + encode(piece) + after);
      expect(shown(said, secret)).toEqual([]);
      expect(said).toMatch(shortLine);
    };
    fc.assert(fc.property(leak, form, surroundings, surroundings, property), runs(3_000));
  });

  it('is all that a text of our own loses', () => {
    const property = (
      { secret, piece }: { secret: string; piece: string },
      encode: (text: string) => string,
      before: string,
      after: string,
    ): void => {
      const redact = learnt(secret);
      const said = redact.own(`${before} ${encode(piece)} ${after}`);
      expect(shown(said, secret)).toEqual([]);
      if (redact.own(before) === before) expect(said.startsWith(before)).toBe(true);
      if (redact.own(after) === after) expect(said.endsWith(after)).toBe(true);
    };
    fc.assert(fc.property(leak, form, surroundings, surroundings, property), runs(1_000));
  });

  it('does not leave an error of this machine either', () => {
    const property = (
      { secret, piece }: { secret: string; piece: string },
      before: string,
      after: string,
    ): void => {
      const text = before + piece + after;
      const redact = learnt(secret);
      const path = '/a/páth';
      const ofFileSystem = Object.assign(new Error(`${path} ${text}`), { path });
      expect(shown(redact.reason(ofFileSystem), secret)).toEqual([]);
      expect(shown(redact.reason(text), secret)).toEqual([]);
    };
    fc.assert(fc.property(leak, surroundings, surroundings, property), runs(1_000));
  });

  it('does not leave a text in Base64', () => {
    const property = (secret: string, before: string, after: string): void => {
      fc.pre(secret.length >= 12);
      for (const encoding of ['base64', 'base64url'] as const) {
        const encoded = Buffer.from(`key:${secret}`).toString(encoding);
        const said = createRedactor('another-key', secret).text(`${before} ${encoded} ${after}`);
        expect(said).not.toContain(encoded.slice(0, 16));
        expect(said).not.toContain(encoded.slice(-16));
      }
    };
    fc.assert(fc.property(secretText, surroundings, surroundings, property), runs(500));
  });

  it('does not leave an error by its message, name, code, stack, cause or a property', () => {
    const kind = fc.constantFrom('message', 'name', 'code', 'stack', 'headers', 'errors');
    const property = (
      { secret, piece }: { secret: string; piece: string },
      encode: (text: string) => string,
      places: readonly string[],
      before: string,
    ): void => {
      // Shorter ones stand in any error's text by chance.
      fc.pre(secret.length >= pieceLength);
      const text = before + encode(piece);
      const raw = places.reduce<unknown>((cause, place) => {
        const error = new Error(place === 'message' ? text : 'failed', { cause });
        const value = place === 'headers' ? { authorization: text } : [text];
        const isText = ['message', 'name', 'code', 'stack'].includes(place);
        return Object.assign(error, { [place]: isText ? text : value });
      }, text);
      const copy = learnt(secret).error(raw);
      const looks = [
        inspect(copy, { depth: Infinity, showHidden: true }),
        JSON.stringify(copy),
        String(copy),
      ];
      expect(looks.flatMap((look) => shown(look, secret))).toEqual([]);
    };
    const places = fc.array(kind, { minLength: 1, maxLength: 6 });
    fc.assert(fc.property(leak, form, places, surroundings, property), runs(1_000));
  });
});

describe('anything that was thrown', () => {
  it('becomes an error with short texts', () => {
    const property = (raw: unknown): void => {
      const redact = createRedactor('another-key');
      const copy = redact.error(raw);
      expect(copy).toBeInstanceOf(Error);
      expect(copy.message).toMatch(shortLine);
      expect(redact.reason(raw)).toMatch(shortLine);
    };
    const anything = fc.anything({ withNullPrototype: true, withBigInt: true, withDate: true });
    const error = fc.record({ message: anything, name: anything, code: anything, cause: anything });
    const thrown = fc.oneof(
      anything,
      error.map((fields) => Object.assign(new Error('failed'), fields)),
    );
    fc.assert(fc.property(thrown, property), runs(1_000));
  });
});
