import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createRedactor } from '../../src/base/redactor.js';
import { readRetryAfter } from '../../src/tt/retry-after.js';
import { readTokenReply, type TokenReply } from '../../src/tt/token-reply.js';
import { json } from './records.js';
import { retryAfterText } from './retry-after.js';
import { runs } from './runs.js';

const sentAt = 1_700_000_000_000;
const arrivedAt = sentAt + 500;
const apiKey = 'q7Zk-93vX1-w4Tj';
const secret = 'b6a1c9e0-5f3d-4b8e!2a7c';

beforeEach(() => void vi.useFakeTimers({ now: arrivedAt, toFake: ['Date'] }));
afterEach(() => void vi.useRealTimers());

const accessToken = fc.oneof(
  fc.constantFrom('eyJhbGciOi.m5Rb82yU6h0Np_-~', 'a', '!', 'x'.repeat(16_384), 'x'.repeat(16_385)),
  fc.constantFrom('a b', ' a', 'a\r\nb', '\u00e9', '', `${apiKey}:${secret}`),
  fc.string({ unit: 'binary' }),
);
const lifetime = fc.oneof(
  // The answer takes half a second.
  { weight: 4, arbitrary: fc.constantFrom<unknown>(86_400, 0.5, 0.501, '0.5', '86400', ' 60 ') },
  fc.constantFrom<unknown>(0, -1, 1e-9, 5_184_000, 1e300, 8.64e12, NaN, Infinity),
  fc.constantFrom<unknown>('1.5', '0.001', '-1', '1e3', '0x10', '', '1,5', '\u0661'),
  fc.oneof(fc.double(), fc.nat(), fc.nat().map(String), fc.double().map(String)),
);
const said = fc.oneof(
  fc.constantFrom('Invalid app_key', `key ${apiKey}`, `key=${secret}`, `x${secret.slice(3, 11)}y`),
  fc.string({ unit: 'binary', maxLength: 300 }),
);
const statusWord = fc.constantFrom<unknown>('Ok', 'ok', 'ok.', 'Fail', '', null, ['Ok'], undefined);
const tokenType = fc.constantFrom<unknown>('bearer', 'Bearer', '', 'be arer', 1, null);
const likelyBody = fc.record({
  status: statusWord,
  access_token: accessToken,
  token_type: tokenType,
  seconds_until_expiry: lifetime,
});
const anyBody = fc.record(
  {
    status: fc.oneof(statusWord, json),
    access_token: fc.oneof(accessToken, json),
    token_type: fc.oneof(tokenType, json),
    seconds_until_expiry: fc.oneof(lifetime, json),
    status_message: fc.oneof(said, json),
    status_desc: fc.oneof(said, json),
    message: said,
  },
  { requiredKeys: [] },
);
const body = fc.oneof({ weight: 3, arbitrary: likelyBody }, anyBody, json);
const whole = body.map((value) => JSON.stringify(value));
const text = fc.oneof(
  { weight: 6, arbitrary: whole },
  {
    weight: 1,
    arbitrary: fc
      .tuple(whole, fc.nat())
      .map(([all, length]) => all.slice(0, length % (all.length + 1))),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '',
      '<html>Service Unavailable</html>',
      'null',
      '[]',
      '\ufeff{}',
      '{}{}',
    ),
  },
);
const status = fc.oneof(
  { weight: 2, arbitrary: fc.constant(200) },
  fc.constantFrom(201, 204, 299, 300, 302, 400, 401, 403, 404, 429, 500, 502, 503, 504, 0),
  fc.integer({ min: 100, max: 599 }),
);

/** The fields of a body that is a JSON object. */
function fieldsOf(text = ''): Record<string, unknown> {
  try {
    return (JSON.parse(text) ?? {}) as Record<string, unknown>;
  } catch {
    return {};
  }
}

/** Why there is no token, by the contract; undefined where there may be one. */
function refusal({ status, text }: TokenReply): string | undefined {
  const { status: word } = fieldsOf(text);
  if (status === 429) return 'TOKEN_RATE_LIMITED';
  if ([400, 401, 403].includes(status)) return 'CREDENTIALS_REJECTED';
  if (Math.floor(status / 100) !== 2) return 'TOKEN_REQUEST_FAILED';
  const isOk = word === undefined || (typeof word === 'string' && /^ok$/i.test(word));
  return isOk ? undefined : 'CREDENTIALS_REJECTED';
}

/** The lifetime that a field tells, in ms; 0 for one that tells none. */
function lifetimeMs(field: unknown): number {
  const seconds =
    typeof field === 'string' && /^\s*[0-9]+(\.[0-9]+)?\s*$/.test(field) ? +field : field;
  return typeof seconds === 'number' && seconds > 0 ? seconds * 1_000 : 0;
}

describe('an answer of the token endpoint', () => {
  const header = retryAfterText(arrivedAt);
  const reply = fc.record({ status, retryAfter: header, date: header, text });

  it('gives a sound token or the failure that the contract names, whatever it is', () => {
    const property = (answer: TokenReply): void => {
      const outcome = readTokenReply(answer, sentAt, createRedactor(apiKey, secret));
      const fields = fieldsOf(answer.text);
      const { access_token, token_type } = fields;
      const isFit = typeof access_token === 'string' && /^[!-~]{1,16384}$/.test(access_token);
      const expiresAt = sentAt + lifetimeMs(fields.seconds_until_expiry);
      const isAlive = expiresAt > arrivedAt && expiresAt <= 8.64e15;
      const code = refusal(answer) ?? (isFit && isAlive ? undefined : 'TOKEN_RESPONSE_INVALID');
      if (code === undefined) {
        const isType = typeof token_type === 'string' && /^[!-~]{1,16384}$/.test(token_type);
        const tokenType = isType ? token_type : 'bearer';
        const token = { accessToken: access_token, tokenType, obtainedAt: sentAt, expiresAt };
        expect(outcome).toStrictEqual({ token });
        return;
      }
      const retryAfterMs = readRetryAfter(answer.retryAfter, answer.date);
      expect(outcome).toStrictEqual({
        failure: {
          ...{ code, responseStatus: answer.status, message: expect.any(String) as string },
          ...(retryAfterMs !== undefined && { retryAfterMs }),
        },
      });
    };
    fc.assert(fc.property(reply, property), runs(3_000));
  });

  it('is told in one short line without key, secret and token', () => {
    const property = (answer: TokenReply, place: number): void => {
      const { access_token: token } = fieldsOf(answer.text);
      const secrets = [apiKey, secret, ...(typeof token === 'string' ? [token] : [])];
      const told = secrets.map((one) => one.slice(place % one.length, (place % one.length) + 8));
      const message = `refused: ${told.join(' or ')}, ${secrets.join('')}`;
      const fields = { ...fieldsOf(answer.text), status_message: message };
      const text = JSON.stringify(fields);
      const outcome = readTokenReply({ ...answer, text }, sentAt, createRedactor(apiKey, secret));
      if ('token' in outcome) return;
      const { failure } = outcome;
      expect(failure.message).toMatch(/^\P{C}{1,200}$/u);
      for (const one of secrets.flatMap(piecesOf)) expect(failure.message).not.toContain(one);
    };
    fc.assert(fc.property(reply, fc.nat(), property), runs(500));
  });
});

/** The pieces of 8 characters of a secret that has no blanks. */
function piecesOf(secret: string): readonly string[] {
  const count = /^[!-~]{8,64}$/.test(secret) ? secret.length - 7 : 0;
  return Array.from({ length: count }, (_, start) => secret.slice(start, start + 8));
}
