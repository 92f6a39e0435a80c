import { inspect } from 'node:util';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import {
  isTokenError,
  TokenError,
  tokenErrorCodes,
  type TokenErrorCode,
} from '../../src/base/errors.js';

const message = 'the token endpoint answered 500';

describe('TokenError', () => {
  it('carries what is known', () => {
    const cause = new TypeError('fetch failed');
    const code = 'TOKEN_RATE_LIMITED';
    const error = new TokenError({
      code,
      message,
      responseStatus: 429,
      retryAt: 1_700_000_000_000,
      cause,
    });
    expect(error).toMatchObject({
      name: 'TokenError',
      code,
      message,
      responseStatus: 429,
      retryAt: 1_700_000_000_000,
    });
    expect(error).toBeInstanceOf(Error);
    expect(error.cause).toBe(cause);
  });

  it('has no field for what is not known', () => {
    const unknown = { responseStatus: undefined, retryAt: undefined, cause: undefined };
    const error = new TokenError({ code: 'TOKEN_REQUEST_FAILED', message, ...unknown });
    for (const field of ['status', 'statusCode', 'responseStatus', 'retryAt', 'cause'])
      expect(error).not.toHaveProperty(field);
    expect(inspect(error)).not.toContain('undefined');
  });
});

describe('isTokenError', () => {
  it.each([...tokenErrorCodes])('recognises %s', (code) => {
    expect(isTokenError(new TokenError({ code: code as TokenErrorCode, message }))).toBe(true);
  });

  it('recognises an error of another copy of the package', () => {
    const other = Object.assign(new Error(message), { code: 'MANAGER_CLOSED' });
    other.name = 'TokenError';
    expect(isTokenError(other)).toBe(true);
  });

  it('recognises an error of another realm, as under Jest', () => {
    const other: unknown = runInNewContext(
      'Object.assign(new Error("no"), { name: "TokenError", code: "MANAGER_CLOSED" })',
    );
    expect(other).not.toBeInstanceOf(Error);
    expect(isTokenError(other)).toBe(true);
  });

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'TokenError'],
    ['an object', { name: 'TokenError', code: 'MANAGER_CLOSED' }],
    ['another error', Object.assign(new Error(message), { code: 'MANAGER_CLOSED' })],
    ['an unknown code', Object.assign(new Error(message), { name: 'TokenError', code: 'OTHER' })],
    ['no code', Object.assign(new Error(message), { name: 'TokenError' })],
  ])('does not take %s for one', (_, value) => {
    expect(isTokenError(value)).toBe(false);
  });
});
