import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRequestIdCheck } from '../../src/testing/request-log.js';
import { createRequestId, isGuid, sanitizeRequestIdPart } from '../../src/tt/request-id.js';
import { withRequestId } from '../../src/tt/request-url.js';
import { runs } from './runs.js';

// What TT forbids, as its documentation lists it, and blanks.
const forbidden = Array.from('$&+,/:;=?@"<>#%{}|\\^~[]` ');
const allowed = "!'()*-._0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom(...forbidden, ...Array.from(allowed), '\u00e9', '\u{1f600}') }),
  fc.string({
    unit: fc.constantFrom(...forbidden, '\t', '\r\n', '\u00a0', '\u2028', '\ufeff', '\0'),
  }),
  fc.constantFrom('My @App/Name', '--', 'a--b', "Joe's", '%41', '\ud800', '\u0130\u017f\u212a'),
);

/** What is left of a name, one character after the other. */
function expectedPart(name: string): string {
  return Array.from(name.trim(), (one) => (/\s/.test(one) ? '_' : one))
    .filter((one) => allowed.includes(one))
    .join('');
}

describe('a request ID', () => {
  it('is <app>-<company>--<guid> of allowed characters, or names the part that holds none', () => {
    const property = (appName: string, companyName: string): void => {
      const parts = [expectedPart(appName), expectedPart(companyName)];
      if (parts.includes('')) {
        const wrong = parts[0] === '' ? 'appName' : 'companyName';
        const create = (): string => createRequestId(appName, companyName);
        expect(create).toThrow(RangeError);
        expect(create).toThrow(new RegExp(`^${wrong} must`));
        return;
      }
      const requestId = createRequestId(appName, companyName);
      expect(requestId.slice(0, -36)).toBe(`${parts.join('-')}--`);
      expect(requestId.slice(-36)).toSatisfy(isGuid);
      expect(forbidden.filter((one) => requestId.includes(one))).toEqual([]);
      expect(requestId).toMatch(/^[\x21-\x7e]+$/);
      expect(createRequestId(appName, companyName)).not.toBe(requestId);
    };
    fc.assert(fc.property(text, text, property), runs(2_000));
  });

  it('comes to the service as it is, and is taken there once', () => {
    const problemOf = createRequestIdCheck();
    const property = (appName: string, companyName: string): void => {
      fc.pre(expectedPart(appName) !== '' && expectedPart(companyName) !== '');
      const requestId = createRequestId(appName, companyName);
      const { search } = new URL(withRequestId('https://tt.example/x?a=1#part', requestId));
      expect(new URLSearchParams(search).get('requestId')).toBe(requestId);
      expect(problemOf(search.slice(1))).toBeUndefined();
      expect(problemOf(search.slice(1))).toMatch(/used before/);
    };
    fc.assert(fc.property(text, text, property), runs(1_000));
  });
});

describe('a part of a request ID', () => {
  it('keeps what is allowed in its order, and stays as it is when cleaned again', () => {
    const property = (name: string): void => {
      const part = sanitizeRequestIdPart(name);
      expect(part).toBe(expectedPart(name));
      expect(sanitizeRequestIdPart(part)).toBe(part);
    };
    fc.assert(fc.property(text, property), runs(2_000));
  });

  it.each([createRequestId, sanitizeRequestIdPart])('%o refuses anything but a text', (clean) => {
    const property = (value: unknown): void => {
      expect(() => clean(value as string, 'Company')).toThrow(TypeError);
    };
    const anything = fc
      .anything({ withNullPrototype: true })
      .filter((one) => typeof one !== 'string');
    fc.assert(fc.property(anything, property), runs(500));
  });
});
