import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createRedactor } from '../../src/base/redactor.js';
import { readTokenReply, type AttemptOutcome } from '../../src/tt/token-reply.js';

const sentAt = 1_700_000_000_000;
const apiKey = 'q7Zk-93vX1-w4Tj';
const accessToken = 'eyJhbGciOi.m5Rb82yU6h0Np_-~';
const ok = {
  status: 'Ok',
  access_token: accessToken,
  token_type: 'bearer',
  seconds_until_expiry: 86_400,
};

/** Reads an answer that arrives half a second after the request was sent. */
function read(
  body: unknown,
  status = 200,
  retryAfter: string | null = null,
  date: string | null = null,
): AttemptOutcome {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return readTokenReply({ status, retryAfter, date, text }, sentAt, createRedactor(apiKey));
}

function failure(outcome: AttemptOutcome): { code: string; message: string } {
  if ('token' in outcome) throw new Error('is no failure');
  const { code, message } = outcome.failure;
  return { code, message };
}

beforeEach(() => void vi.useFakeTimers({ now: sentAt + 500 }));
afterEach(() => void vi.useRealTimers());

describe('a token', () => {
  it('lives from the moment its request was sent, and is frozen', () => {
    const outcome = read(ok);
    expect(outcome).toEqual({
      token: {
        accessToken,
        tokenType: 'bearer',
        obtainedAt: sentAt,
        expiresAt: sentAt + 86_400_000,
      },
    });
    expect(Object.isFrozen((outcome as { token: unknown }).token)).toBe(true);
  });

  it.each([
    ['a numeric string', '86400', 86_400_000],
    ['a padded string', ' 60 ', 60_000],
    ['a fraction', 1.5, 1_500],
    ['a fraction in a string', '1.5', 1_500],
    ['barely enough', 0.501, 501],
    ['a century', 3_155_760_000, 3_155_760_000_000],
  ])('may have a lifetime that is %s', (_, seconds, lifetimeMs) => {
    expect(read({ ...ok, seconds_until_expiry: seconds })).toHaveProperty(
      'token.expiresAt',
      sentAt + lifetimeMs,
    );
  });

  it.each([['ok'], ['OK'], [undefined]])('may come with the status %o', (status) => {
    expect(read({ ...ok, status })).toHaveProperty('token.accessToken', accessToken);
  });

  it.each([
    ['Bearer', 'Bearer'],
    [undefined, 'bearer'],
    ['', 'bearer'],
    [42, 'bearer'],
    ['be\r\narer', 'bearer'],
  ])('of the type %j is of the type %j', (given, tokenType) => {
    expect(read({ ...ok, token_type: given })).toHaveProperty('token.tokenType', tokenType);
  });

  it('may come with any status of success and with more fields', () => {
    expect(read({ ...ok, scope: {}, expires: null }, 201)).toHaveProperty('token');
  });
});

describe('an answer without a usable token', () => {
  const lifetimes = [
    undefined,
    null,
    0,
    -1,
    '0',
    '-1',
    '',
    ' ',
    'abc',
    '1e3',
    '0x10',
    '60s',
    '1,5',
  ];
  const unusable: [what: string, body: unknown][] = [
    ['no body', ''],
    ['HTML', '<html><body>Service Unavailable</body></html>'],
    ['truncated JSON', JSON.stringify(ok).slice(0, -10)],
    ['an array', [ok]],
    ['null', 'null'],
    ['a text', '"Ok"'],
    ['a number', '42'],
    ['an empty object', {}],
    ...[undefined, null, '', 42, {}, [accessToken], true].map((value): [string, unknown] => [
      `the token ${JSON.stringify(value)}`,
      { ...ok, access_token: value },
    ]),
    ...['a b', 'a\r\nx: y', 'a\u0000', 'caf\u00e9', ' a', 'a\t', 'a'.repeat(16_385)].map(
      (value): [string, unknown] => [
        `a token unfit for a header, ${JSON.stringify(value.slice(0, 20))}`,
        { ...ok, access_token: value },
      ],
    ),
    ...[...lifetimes, [60], true, {}].map((value): [string, unknown] => [
      `the lifetime ${JSON.stringify(value)}`,
      { ...ok, seconds_until_expiry: value },
    ]),
    ['a lifetime beyond all dates', { ...ok, seconds_until_expiry: 1e308 }],
    ['an infinite lifetime', JSON.stringify(ok).replace('86400', '1e999')],
    ['a token that expired on its way', { ...ok, seconds_until_expiry: 0.4 }],
    ['a token that expires as it arrives', { ...ok, seconds_until_expiry: 0.5 }],
  ];

  it.each(unusable)('%s is invalid, and not shown', (_, body) => {
    const { code, message } = failure(read(body));
    expect(code).toBe('TOKEN_RESPONSE_INVALID');
    expect(message).not.toMatch(/eyJhbG|m5Rb82|Unavailable/i);
  });

  it('has a message of its own for one that was too long to read', () => {
    const reply = { status: 200, retryAfter: null, date: null, text: undefined };
    expect(failure(readTokenReply(reply, sentAt, createRedactor(apiKey)))).toEqual({
      code: 'TOKEN_RESPONSE_INVALID',
      message: 'the token endpoint answered more than 1 MiB',
    });
  });

  it('has a message of its own for a missing token, a lifetime and a late arrival', () => {
    expect(failure(read({})).message).toContain('access_token');
    expect(failure(read({ ...ok, seconds_until_expiry: 0 })).message).toContain('lifetime');
    expect(failure(read({ ...ok, seconds_until_expiry: 0.1 })).message).toContain('expired');
  });
});

describe('a failure', () => {
  it.each([
    [400, 'CREDENTIALS_REJECTED'],
    [401, 'CREDENTIALS_REJECTED'],
    [403, 'CREDENTIALS_REJECTED'],
    [429, 'TOKEN_RATE_LIMITED'],
    [302, 'TOKEN_REQUEST_FAILED'],
    [404, 'TOKEN_REQUEST_FAILED'],
    [500, 'TOKEN_REQUEST_FAILED'],
    [502, 'TOKEN_REQUEST_FAILED'],
    [503, 'TOKEN_REQUEST_FAILED'],
    [504, 'TOKEN_REQUEST_FAILED'],
  ])('with the status %i is %s, whatever the body', (status, code) => {
    for (const body of ['', '<html>', 'null', '[]', ok, { message: 'no' }]) {
      const outcome = read(body, status);
      expect(outcome).toMatchObject({ failure: { code, responseStatus: status } });
      expect(failure(outcome).message).toContain(String(status));
      expect(outcome).not.toHaveProperty('failure.retryAfterMs');
    }
  });

  it.each(['Fail', 'StatusFail', '', 'ok.', 0, null, false, {}])(
    'with 200 and the status %j is a refusal of the credentials',
    (status) => {
      const outcome = read({ ...ok, status, status_message: 'Invalid app' });
      expect(outcome).toMatchObject({
        failure: { code: 'CREDENTIALS_REJECTED', responseStatus: 200 },
      });
      expect(failure(outcome).message).toMatch(/: Invalid app$/);
      expect(outcome).not.toHaveProperty('token');
    },
  );

  it.each(['status_message', 'status_desc', 'message'])('tells what its %s says', (field) => {
    expect(failure(read({ [field]: 'Too Many Requests' }, 429)).message).toMatch(
      /: Too Many Requests$/,
    );
  });

  it.each([[42], [''], [null], [{ text: 'x' }], [['x']]])('tells nothing of %o', (said) => {
    const bare = failure(read('', 500)).message;
    expect(failure(read({ status_message: said }, 500)).message).toBe(bare);
  });

  it.each([
    ['the app key', apiKey, 'for [redacted] only'],
    ['a piece of it', apiKey.slice(3, 11), 'for [redacted] only'],
    ['the token', accessToken, 'for [redacted] only'],
    ['control characters', '\u001b[2J\r\n\u0000x', 'for x only'],
  ])('does not show %s that its message holds', (_, shown, expected) => {
    const said = { ...ok, status: 'Fail', status_message: `for ${shown} only` };
    for (const status of [200, 401, 429, 500])
      expect(failure(read(said, status)).message).toMatch(new RegExp(`: ${escaped(expected)}$`));
  });

  it('has a message of 200 characters at most', () => {
    const said = { status_message: 'word '.repeat(100) };
    expect(failure(read(said, 500)).message).toHaveLength(200);
  });

  it('takes over the time that the service asks to wait', () => {
    expect(read('', 429, '30')).toHaveProperty('failure.retryAfterMs', 30_000);
    expect(read({ status: 'Fail' }, 200, '5')).toHaveProperty('failure.retryAfterMs', 5_000);
    const date = new Date(sentAt - 3_600_000).toUTCString();
    const until = new Date(sentAt - 3_593_000).toUTCString();
    expect(read('', 429, until, date)).toHaveProperty('failure.retryAfterMs', 7_000);
  });
});

function escaped(text: string): string {
  return text.replace(/[[\]]/g, '\\$&');
}
