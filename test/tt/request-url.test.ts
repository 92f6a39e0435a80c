import { describe, expect, it } from 'vitest';
import { withoutRequestId, withRequestId } from '../../src/tt/request-url.js';

const base = 'https://ttrestapi.trade.tt/ttpds/ext_uat_cert/markets';

describe('withRequestId', () => {
  it.each([
    ['no query', '', '?requestId=ID'],
    ['an empty query', '?', '?requestId=ID'],
    ['a query', '?a=1', '?a=1&requestId=ID'],
    ['a query that ends in &', '?a=1&', '?a=1&requestId=ID'],
    ['a fragment', '#part', '?requestId=ID#part'],
    ['an empty fragment', '?a=1#', '?a=1&requestId=ID#'],
    ['a query and a fragment', '?a=1#part', '?a=1&requestId=ID#part'],
    ['a fragment that looks like a query', '#a?b=1&requestId=x', '?requestId=ID#a?b=1&requestId=x'],
    ['a query with a second ?', '?a=1?b=2', '?a=1?b=2&requestId=ID'],
    ['any encoding and order', '?b=(1)&a=x%20y+%C3%A9&a&=&c=%', '?b=(1)&a=x%20y+%C3%A9&a&=&c=%'],
    ['an ID alone', '?requestId=old', '?requestId=ID'],
    ['an ID in front', '?requestId=old&a=1&b=2', '?a=1&b=2&requestId=ID'],
    ['an ID in the middle', '?a=1&requestId=old&b=2', '?a=1&b=2&requestId=ID'],
    ['an ID at the end', '?a=1&b=2&requestId=old#part', '?a=1&b=2&requestId=ID#part'],
    ['several IDs', '?requestId=x&a=1&requestId=y&requestId=z', '?a=1&requestId=ID'],
    ['an empty ID', '?requestId=&a=1', '?a=1&requestId=ID'],
    ['an ID without a value', '?a=1&requestId', '?a=1&requestId=ID'],
    ['a longer name', '?requestIdX=1&requestIds', '?requestIdX=1&requestIds&requestId=ID'],
    ['a name that ends so', '?xrequestId=1', '?xrequestId=1&requestId=ID'],
    ['another case', '?requestid=1&RequestId=2', '?requestid=1&RequestId=2&requestId=ID'],
    ['the name as a value', '?a=requestId=1', '?a=requestId=1&requestId=ID'],
    ['an ID whose name is encoded', '?request%49d=old&a=1', '?a=1&requestId=ID'],
    ['an ID with a line break in its name', '?request\nId=old&a=1', '?a=1&requestId=ID'],
    ['another encoded name', '?requestId%20=1&%61=2', '?requestId%20=1&%61=2&requestId=ID'],
    ['blanks at its end, which no client sends', ' \t\n', '?requestId=ID'],
    ['blanks at the end of its query', '?a=1&b= \r\n', '?a=1&b=&requestId=ID'],
    ['blanks in front of its fragment', '?a=1 #part', '?a=1 &requestId=ID#part'],
  ])('puts the ID into a URL with %s', (_, rest, expected) => {
    const withId = expected.includes('requestId=ID') ? expected : `${expected}&requestId=ID`;
    expect(withRequestId(base + rest, 'ID')).toBe(base + withId);
  });

  it('leaves the path alone, whatever it holds', () => {
    const url = 'https://tt.example:8443/a;requestId=1/b%2Fc/&d//';
    expect(withRequestId(url, 'ID')).toBe(`${url}?requestId=ID`);
  });

  it('replaces the ID it has put there', () => {
    const url = `${base}?a=1#part`;
    expect(withRequestId(withRequestId(url, 'one'), 'two')).toBe(withRequestId(url, 'two'));
  });
});

describe('withoutRequestId', () => {
  it.each([
    ['no query', '', ''],
    ['an ID alone', '?requestId=old', ''],
    ['several IDs and nothing else', '?requestId=x&requestId', ''],
    ['an ID alone, and a fragment', '?requestId=old#part', '#part'],
    ['an ID in front', '?requestId=old&a=1&b=2#part', '?a=1&b=2#part'],
    ['an ID in the middle', '?a=1&requestId=old&b=2', '?a=1&b=2'],
    ['an ID at the end', '?a=1&b=2&requestId=old#part?c', '?a=1&b=2#part?c'],
    ['an ID whose name is encoded', '?request%49d=old&a=1', '?a=1'],
    ['an encoded value that looks like one', '?a=request%49d', '?a=request%49d'],
    ['an empty query', '?', '?'],
    ['empty parameters', '?&a=1&&b', '?&a=1&&b'],
    ['a fragment that looks like a query', '#a?requestId=x', '#a?requestId=x'],
  ])('leaves of a URL with %s all else', (_, rest, expected) => {
    expect(withoutRequestId(base + rest)).toBe(base + expected);
    expect(withoutRequestId(rest)).toBe(expected);
  });
});
