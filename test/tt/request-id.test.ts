import { describe, expect, it } from 'vitest';
import {
  createRequestId,
  isGuid,
  requestIdFor,
  requestIdPrefix,
  sanitizeRequestIdPart,
} from '../../src/tt/request-id.js';

describe('sanitizeRequestIdPart', () => {
  it.each(Array.from('$&+,/:;=?@"<>#%{}|\\^~[]`'))('removes %s', (character) => {
    expect(sanitizeRequestIdPart(`a${character}b${character}`)).toBe('ab');
  });

  it.each([
    ['My App', 'My_App'],
    ['My @App/Name', 'My_AppName'],
    ['a  b c', 'a__b_c'],
    ['Azaz09-._!*()', 'Azaz09-._!*()'],
    ['caf\u00e9 \u65e5\u672c', 'caf_'],
    ['rocket\u{1f680}s', 'rockets'],
    ['a\u0000b\u001b\u007fc', 'abc'],
    ['zero\u200bwidth', 'zerowidth'],
    ['', ''],
    ['@/:\u{1f680}', ''],
  ])('turns %j into %j', (text, part) => {
    expect(sanitizeRequestIdPart(text)).toBe(part);
  });

  it.each(['\t', '\n', '\r\n', '\u00a0', '\u3000'])('leaves no white space of %j', (space) => {
    expect(sanitizeRequestIdPart(`a${space}b`)).toMatch(/^a_*b$/);
  });

  it.each([[undefined], [null], [42], [['text']]])('refuses %o', (wrong) => {
    const given = wrong as unknown as string;
    expect(() => sanitizeRequestIdPart(given)).toThrow(new TypeError('text must be a string'));
  });
});

describe('createRequestId', () => {
  const guid = '[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}';

  it('joins application, company and a new GUID', () => {
    const requestIds = [1, 2].map(() => createRequestId('My App', 'Acme Co'));
    for (const requestId of requestIds)
      expect(requestId).toMatch(new RegExp(`^My_App-Acme_Co--${guid}$`));
    expect(new Set(requestIds).size).toBe(2);
  });

  it('does the same from a prefix made beforehand', () => {
    const prefix = requestIdPrefix('My @App/Name', 'Acme & Co');
    expect(prefix).toBe('My_AppName-Acme__Co--');
    const requestIds = [requestIdFor(prefix), requestIdFor(prefix)];
    for (const requestId of requestIds)
      expect(isGuid(requestId.slice(prefix.length))).toBe(requestId.startsWith(prefix));
    expect(new Set(requestIds).size).toBe(2);
  });

  it.each(['', ' ', '\t\n', '@/:', '\u65e5\u672c', '\u{1f680}'])(
    'refuses the part %j, of which nothing remains, by its name',
    (empty) => {
      expect(() => createRequestId(empty, 'Acme Co')).toThrow(RangeError);
      expect(() => createRequestId(empty, 'Acme Co')).toThrow(/^appName /);
      expect(() => createRequestId('My App', empty)).toThrow(RangeError);
      expect(() => createRequestId('My App', empty)).toThrow(/^companyName /);
    },
  );

  it.each([[undefined], [null], [42]])('refuses the part %o by its name', (wrong) => {
    const part = wrong as unknown as string;
    expect(() => createRequestId(part, 'Acme Co')).toThrow(
      new TypeError('appName must be a string'),
    );
    expect(() => createRequestId('My App', part)).toThrow(
      new TypeError('companyName must be a string'),
    );
  });
});

describe('isGuid', () => {
  it.each([
    '3f2504e0-4f89-41d3-9a0c-0305e82c3301',
    '3F2504E0-4F89-41D3-9A0C-0305E82C3301',
    '3f2504e0-4f89-11d3-9a0c-0305e82c3301',
  ])('takes %s', (text) => {
    expect(isGuid(text)).toBe(true);
  });

  it.each([
    '',
    'a-guid',
    '3f2504e04f8941d39a0c0305e82c3301',
    '{3f2504e0-4f89-41d3-9a0c-0305e82c3301}',
    '3f2504e0-4f89-41d3-9a0c-0305e82c330',
    '3f2504e0-4f89-41d3-9a0c-0305e82c33011',
    '3f2504e0-4f89-41d3-9a0c-0305e82c330g',
    ' 3f2504e0-4f89-41d3-9a0c-0305e82c3301',
    '3f2504e0-4f89-41d3-9a0c-0305e82c3301\n',
    undefined,
    42,
  ])('does not take %j', (text) => {
    expect(isGuid(text as string)).toBe(false);
  });
});
