import { expect, it } from 'vitest';
import { checkPath } from '../../src/base/checks.js';

it.each([
  ['C:\\tt\nyse.json', 'a line break'],
  ['C:\\tt\token.json', 'a tab'],
  ['/tmp/\0token.json', 'a NUL character'],
  ['/tmp/\rtoken.json', 'a control character'],
  ['/tmp/token\u007f.json', 'a control character'],
  ['/tmp/token\u0085.json', 'a control character'],
])('refuses the path %j by name, and shows nothing of it', (path, what) => {
  expect(() => checkPath('tokenFile', path)).toThrow(RangeError);
  expect(() => checkPath('tokenFile', path)).toThrow(
    `tokenFile must not contain ${what}: use no double quotes around a path`,
  );
});

it.each(['/tmp/with space/tökén.json', 'C:\\tt\\nyse.json', '~/token.json'])(
  'takes the path %j as it is',
  (path) => {
    expect(checkPath('tokenFile', path)).toBe(path);
  },
);
