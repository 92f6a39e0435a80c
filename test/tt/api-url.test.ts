import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { apiUrl } from '../../src/tt/api-url.js';

const baseUrl = new URL('https://ttrestapi.trade.tt');
const root = 'https://ttrestapi.trade.tt/ttpds/ext_uat_cert';
const urlOf = (path?: string, service = 'ttpds'): string =>
  apiUrl({ baseUrl, environment: 'UAT' }, service, path);

describe('the URL of a path of the API', () => {
  it.each([
    ['UAT', 'https://ttrestapi.trade.tt', 'https://ttrestapi.trade.tt/ttid/ext_uat_cert/token'],
    ['SIM', 'https://ttrestapi.trade.tt/', 'https://ttrestapi.trade.tt/ttid/ext_prod_sim/token'],
    ['LIVE', 'http://127.0.0.1:80/a', 'http://127.0.0.1/a/ttid/ext_prod_live/token'],
  ] as const)('for %s at %s is %s', (environment, base, url) => {
    expect(apiUrl({ baseUrl: new URL(base), environment }, 'ttid', 'token')).toBe(url);
  });

  it.each([
    [undefined, ''],
    ['', ''],
    ['/', ''],
    [' ', ''],
    ['markets', '/markets'],
    ['/markets', '/markets'],
    ['//evil.example/x', '/evil.example/x'],
    [' markets\n', '/markets'],
    ['market/7/', '/market/7/'],
    ['instruments?marketId=7&name=ES Mar24', '/instruments?marketId=7&name=ES%20Mar24'],
    ['?marketId=7', '?marketId=7'],
    ['instruments?next=../ext_prod_live', '/instruments?next=../ext_prod_live'],
    ['product/Füße 1', '/product/F%C3%BC%C3%9Fe%201'],
    ['product/50%25', '/product/50%25'],
    ['product/50%', '/product/50%25'],
    ['product/a%2Fb', '/product/a%2Fb'],
    ['a:b@c', '/a:b@c'],
    ['...', '/...'],
  ])('for %j is below the environment: %s', (path, end) => {
    expect(urlOf(path)).toBe(root + end);
  });

  it.each(['/ttpds', 'ttpds/', ' /ttpds/ '])('takes the service %j', (service) => {
    expect(urlOf('markets', service)).toBe(`${root}/markets`);
  });

  it.each([
    '..',
    '../ext_prod_live/orders',
    'a/./b',
    'a/%2e%2E/b',
    'a/.%2e',
    'a\\..\\b',
    'a\tb',
    'a\u0000b',
    'markets#all',
    'https://evil.example/',
    'ext_prod_live/markets',
    '/ext_uat_cert/markets',
    'ttpds/ext_uat_cert/markets',
  ])('is a RangeError that names the path for %j', (path) => {
    expect(() => urlOf(path)).toThrow(RangeError);
    expect(() => urlOf(path)).toThrow(/^path must /);
  });

  it.each(['', '/', '..', '.', 'a/b', 'tt pds', 'ttpds?', 'ttpds#', 'tt%70ds', 'ext_prod_live'])(
    'is a RangeError that names the service for %j',
    (service) => {
      expect(() => urlOf('markets', service)).toThrow(RangeError);
      expect(() => urlOf('markets', service)).toThrow(/^service must be /);
    },
  );

  it.each([undefined, null, 7, {}, ['ttpds']])('is a TypeError for the service %j', (service) => {
    expect(() => apiUrl({ baseUrl, environment: 'UAT' }, service as string)).toThrow(
      new TypeError('service must be a string'),
    );
  });

  it.each([null, 7, {}, ['markets'], new URL(root)])('is a TypeError for the path %j', (path) => {
    expect(() => urlOf(path as string)).toThrow(new TypeError('path must be a string'));
  });

  it('stays below service and environment, whatever the path', () => {
    const part = fc.constantFrom(
      '..',
      '.',
      '%2e',
      '/',
      '\\',
      '?',
      '#',
      '%',
      ' ',
      'é',
      'a',
      ':',
      '@',
    );
    const text = fc.oneof(
      fc.array(part).map((parts) => parts.join('')),
      fc.string(),
    );
    const property = (path: string): void => {
      try {
        const url = urlOf(path);
        expect(url === root || /^[/?]/.test(url.slice(root.length))).toBe(true);
        expect(new URL(url).href).toBe(url);
        expect(url).not.toMatch(/%(?![\da-f]{2})/i);
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
      }
    };
    fc.assert(fc.property(text, property), { numRuns: 2_000 });
  });
});
