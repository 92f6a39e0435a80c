import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withRequestId } from '../../src/tt/request-url.js';
import { hostileReference } from './hostile-urls.js';
import { runs } from './runs.js';

const requestId = 'App-Company--01234567-89ab-4cde-8f01-23456789abcd';
const base = 'https://ttrestapi.trade.tt/ttpds/ext_uat_cert/markets';

const parameter = fc.oneof(
  fc.constantFrom('requestId=old', 'requestId=', 'requestId', 'request%49d=old', '%72equestId'),
  fc.constantFrom('request\nId=old', 'requestId\t=old', 'requestId%3Dold', 'requestid=1', '', '='),
  fc.constantFrom('a=x%20y+(1)', 'a=requestId=1', 'xrequestId=1', 'requestId%20=1', '?requestId=1'),
  fc.constantFrom(
    'b=%',
    'c=%C3%A9',
    'd=\u00e9',
    'e=?',
    'f=/',
    'g= ',
    "h='",
    'i=%25%34',
    '\ud800=1',
  ),
  fc.string({ unit: fc.constantFrom(...Array.from('requestId=%4923+ ?/\\.\t\n\u00e9')) }),
  fc.string({ unit: 'binary' }).map((text) => text.replace(/[&#]/g, '')),
);
const query = fc.array(parameter, { maxLength: 6 }).map((parameters) => parameters.join('&'));
const path = fc.oneof(
  hostileReference(base),
  fc.constantFrom('', base, '/ttpds/;requestId=1/b%2Fc//', 'markets '),
);
const tail = fc.oneof(
  fc.constantFrom(
    '',
    '',
    '',
    ' ',
    '\t',
    '\0 \n',
    '\u00a0',
    '#',
    '#part',
    '#?requestId=x&a#b',
    '# ',
  ),
  fc.string({ unit: 'binary' }).map((text) => `#${text}`),
);
const anyUrl = fc.oneof(
  fc.tuple(path, query, tail).map(([before, inside, after]) => `${before}?${inside}${after}`),
  fc.tuple(path, tail).map((parts) => parts.join('')),
);

/** The parts of a URL, cut where every URL parser cuts it. */
function cut(url: string): { target: string; parameters: string[]; fragment: string } {
  const [, target = '', inside = '', fragment = ''] = /^([^?#]*)(\?[^#]*)?(#.*)?$/s.exec(url) ?? [];
  return { target, parameters: inside.slice(1).split('&'), fragment };
}

/** The parameter's name and value as a server reads them; none of an empty one. */
function read(parameter: string): [name: string, value: string] | undefined {
  const written = parameter.replace(/[\t\n\r]/g, '');
  return [...new URLSearchParams(`&${written}`)][0];
}

function parse(url: string): URL | undefined {
  try {
    return new URL(url, base);
  } catch {
    return undefined;
  }
}

const others = (url: URL): [string, string][] =>
  [...url.searchParams].filter(([name]) => name !== 'requestId');

describe('a URL with a request ID put into it', () => {
  it('is byte by byte the one that was given, save blanks at its very end', () => {
    fc.assert(
      fc.property(anyUrl, (url) => {
        const given = cut(url.includes('#') ? url : url.replace(/[\0-\x20]+$/, ''));
        const { target, parameters, fragment } = cut(withRequestId(url, requestId));
        const kept = given.parameters.filter((one) => read(one)?.[0] !== 'requestId');
        expect(target).toBe(given.target);
        expect(fragment).toBe(given.fragment);
        expect(parameters.pop()).toBe(`requestId=${requestId}`);
        expect(parameters).toEqual(kept.at(-1) === '' ? kept.slice(0, -1) : kept);
      }),
      runs(3_000),
    );
  });

  it('leads to the same place with the same parameters, and one request ID at the end of them', () => {
    fc.assert(
      fc.property(anyUrl, (url) => {
        const given = parse(url);
        fc.pre(given !== undefined && given.origin !== 'null');
        const edited = parse(withRequestId(url, requestId)) as URL;
        for (const part of ['origin', 'username', 'password', 'pathname', 'hash'] as const) {
          expect(edited[part]).toBe(given[part]);
        }
        expect([...edited.searchParams].at(-1)).toEqual(['requestId', requestId]);
        expect(edited.searchParams.getAll('requestId')).toEqual([requestId]);
        expect(others(edited)).toEqual(others(given));
      }),
      runs(3_000),
    );
  });

  it('takes another one in its place', () => {
    fc.assert(
      fc.property(anyUrl, (url) => {
        const replaced = cut(withRequestId(withRequestId(url, 'first'), requestId));
        const { target, parameters, fragment } = cut(withRequestId(url, requestId));
        expect(replaced).toMatchObject({ target, fragment });
        const filled = (all: string[]): string[] => all.filter((one) => one !== '');
        expect(filled(replaced.parameters)).toEqual(filled(parameters));
      }),
      runs(1_000),
    );
  });
});
