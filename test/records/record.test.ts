import { describe, expect, it } from 'vitest';
import { tokenErrorCodes } from '../../src/base/errors.js';
import {
  isAhead,
  newest,
  nextGeneration,
  readRecord,
  toRecord,
  whyNoToken,
  type SharedState,
  type StoredFailure,
} from '../../src/records/record.js';
import type { StoreIdentity } from '../../src/stores/store.js';

const now = 1_700_000_000_000;
const dayMs = 86_400_000;
const owner: StoreIdentity = {
  environment: 'UAT',
  baseUrl: 'https://ttrestapi.trade.tt/',
  keyFingerprint: '0123456789abcdef',
};
const token = {
  accessToken: 'a-token',
  tokenType: 'bearer',
  obtainedAt: now - 5_000,
  expiresAt: now + dayMs,
};
const failure: StoredFailure = {
  code: 'TOKEN_REQUEST_FAILED',
  message: 'the token endpoint answered 500',
  responseStatus: 500,
  failedAt: now - 1_000,
  waitMs: 2_000,
  forbiddenMs: 3_000,
  failures: 2,
  credentials: 'fedcba9876543210',
};
const spacing = { refreshedAt: now - 2_000, waitMs: 4_000 };
const state: SharedState = { token, failure, spacing };

/** The state that is read from a record of which some parts are of any kind. */
function read(changes: Record<string, unknown> = {}): SharedState | undefined {
  return readRecord({ ...toRecord(owner, state), ...changes }, owner, now);
}

function changed(part: object, changes: Record<string, unknown[]>): [string, unknown][] {
  return Object.entries(changes).flatMap(([field, values]) =>
    values.map((value): [string, unknown] => [field, { ...part, [field]: value }]),
  );
}

const noInstants = [undefined, null, '1700000000000', NaN, -1, Infinity, 8.64e15 + 1, {}];
const noObjects = [undefined, null, 'text', 42, true, []];

describe('a record', () => {
  it('gives back what was put in, after a way through JSON too', () => {
    expect(read()).toEqual(state);
    const stored: unknown = JSON.parse(JSON.stringify(toRecord(owner, state)));
    expect(readRecord(stored, owner, now)).toEqual(state);
    expect(readRecord(toRecord(owner, {}), owner, now)).toStrictEqual({});
  });

  it('gives a frozen token and nothing that does not belong', () => {
    const changes = { token: { ...token, extra: 1 }, other: true };
    expect(read(changes)).toStrictEqual(state);
    expect(Object.isFrozen(read()?.token)).toBe(true);
  });

  it.each([
    ['environment', ['LIVE', 'uat', undefined, 1]],
    ['baseUrl', ['https://ttrestapi.trade.tt', 'https://apigateway.trade.tt/', undefined, null]],
    ['keyFingerprint', ['fedcba9876543210', '', undefined]],
    ['version', [0, 2, '1', undefined]],
  ])('counts as none with another %s', (field, values) => {
    for (const value of values) expect(read({ [field]: value })).toBeUndefined();
  });

  it.each(noObjects)('counts as none when it is %o', (raw) => {
    expect(readRecord(raw, owner, now)).toBeUndefined();
  });
});

describe('a stored token', () => {
  it.each([
    ...noObjects.map((value): [string, unknown] => ['whole', value]),
    ...changed(token, {
      accessToken: [undefined, null, '', 42, {}, 'a b', 'a\r\nb', 'é', 'a'.repeat(16_385)],
      tokenType: [undefined, '', 42, 'a b'],
      obtainedAt: [...noInstants, now + 60_001, token.expiresAt],
      expiresAt: [...noInstants, token.obtainedAt, token.obtainedAt - 1],
    }),
  ])('with a wrong %s counts as absent, and nothing else does: %o', (_, wrong) => {
    expect(read({ token: wrong })).toStrictEqual({ failure, spacing });
  });

  it.each([
    { ...token, obtainedAt: now + 60_000 },
    { ...token, obtainedAt: 0 },
    { ...token, expiresAt: now - 1 },
    { ...token, expiresAt: 8.64e15 },
  ])('is taken within the limits: %o', (right) => {
    expect(read({ token: right })?.token).toEqual(right);
  });
});

describe('a stored failure', () => {
  it.each([
    ...noObjects.map((value): [string, unknown] => ['whole', value]),
    ...changed(failure, {
      code: [undefined, 'OTHER', 'toString', 42, ['TOKEN_REQUEST_FAILED']],
      message: [undefined, null, 42],
      failedAt: [...noInstants, now + 60_001],
      waitMs: [undefined, null, '1000', NaN, -1, dayMs + 1, Infinity],
      forbiddenMs: [null, '1000', NaN, -1, dayMs + 1, Infinity],
      failures: [undefined, '1', 1.5, NaN, Infinity],
      credentials: [undefined, null, 42],
    }),
  ])('with a wrong %s counts as absent, and nothing else does: %o', (_, wrong) => {
    expect(read({ failure: wrong })).toStrictEqual({ token, spacing });
  });

  it.each([...tokenErrorCodes].filter((code) => code !== 'MANAGER_CLOSED'))('may be %s', (code) => {
    expect(read({ failure: { ...failure, code } })?.failure?.code).toBe(code);
  });

  it.each([
    { ...failure, failedAt: now + 60_000 },
    { ...failure, forbiddenMs: dayMs },
    { ...failure, waitMs: 0 },
    { ...failure, failures: 1_000_000 },
  ])('is taken within the limits: %o', (right) => {
    expect(read({ failure: right })?.failure).toEqual(right);
  });

  it.each([undefined, null, '500', {}])(
    'may have the status %o, which is left out',
    (responseStatus) => {
      const kept = read({ failure: { ...failure, responseStatus } })?.failure;
      expect(kept).toMatchObject({ message: failure.message, waitMs: failure.waitMs });
      expect(kept).not.toHaveProperty('responseStatus');
    },
  );

  it('stays readable when one more failure follows the most that a record may tell', () => {
    const kept = read({ failure: { ...failure, failures: Number.MAX_SAFE_INTEGER } })?.failure;
    const next = { ...failure, failures: 1 + (kept?.failures ?? 0) };
    expect(read({ failure: next })?.failure).toMatchObject({ waitMs: failure.waitMs });
  });

  it.each([0, -1, -1_000_000])('counts once with %i failures in a row', (failures) => {
    expect(read({ failure: { ...failure, failures } })?.failure?.failures).toBe(1);
  });
});

describe('a stored spacing', () => {
  it.each([
    ...noObjects.map((value): [string, unknown] => ['whole', value]),
    ...changed(spacing, {
      refreshedAt: [...noInstants, now + 60_001],
      waitMs: [undefined, null, '4000', 0, -1, NaN, 600_001, Infinity],
    }),
  ])('with a wrong %s counts as absent, and nothing else does: %o', (_, wrong) => {
    expect(read({ spacing: wrong })).toStrictEqual({ token, failure });
  });

  it.each([
    { refreshedAt: now + 60_000, waitMs: 1 },
    { refreshedAt: 0, waitMs: 600_000 },
  ])('is taken within the limits: %o', (right) => {
    expect(read({ spacing: right })?.spacing).toEqual(right);
  });
});

describe('the message of a stored failure', () => {
  it.each([
    ['\u001b]0;mine\u0007\u001b[2J\nall is well', ' ]0;mine [2J all is well'],
    ['caf\u00e9 \u202e\ud83d\ude00!', 'caf   !'],
    ['y'.repeat(100_000), 'y'.repeat(200)],
  ])('is printable and short', (message, shown) => {
    expect(read({ failure: { ...failure, message } })?.failure?.message).toBe(shown);
  });
});

describe('the generation of a record', () => {
  it.each([0, -1, 1.5, 1_000_000_000, Number.MAX_SAFE_INTEGER, Infinity, NaN, '7', null, {}])(
    'counts as none if it is %s',
    (generation) => {
      expect(read({ generation })).toStrictEqual(state);
    },
  );

  it('is followed by a later one, even by one that counts as none when it is read', () => {
    const last = read({ generation: 999_999_999 }) as SharedState;
    const next = { ...last, generation: nextGeneration(last) };
    expect(isAhead(last, next)).toBe(false);
    expect(isAhead(read(next) as SharedState, { generation: nextGeneration({}) })).toBe(false);
    expect(nextGeneration({})).toBe(1);
  });
});

describe('newest', () => {
  const newerToken = { ...token, accessToken: 'newer', obtainedAt: now };
  const newerFailure = { ...failure, message: 'newer', failedAt: now + 1 };
  const newerSpacing = { refreshedAt: now, waitMs: 8_000 };
  const newer = { token: newerToken, failure: newerFailure, spacing: newerSpacing };

  it('takes the newer of each part, whichever side it is on', () => {
    expect(newest(state, newer)).toStrictEqual(newer);
    expect(newest(newer, state)).toStrictEqual(newer);
    const one = { token: newerToken, failure, spacing: newerSpacing };
    const other = { token, failure: newerFailure, spacing };
    expect(newest(one, other)).toStrictEqual(newer);
  });

  it('takes what only one of them knows', () => {
    expect(newest(state, {})).toStrictEqual(state);
    expect(newest({}, state)).toStrictEqual(state);
    expect(newest({ token }, { failure, spacing })).toStrictEqual(state);
    expect(newest({}, {})).toStrictEqual({});
  });

  it('takes the second of two that are equally old', () => {
    const other = {
      token: { ...token, accessToken: 'other' },
      failure: { ...failure, message: 'other' },
      spacing: { ...spacing, waitMs: 1_000 },
    };
    expect(newest(state, other)).toStrictEqual(other);
  });

  it('takes what is of a later generation, whatever the dates on it', () => {
    const later = { generation: 3, token };
    const earlier = { generation: 2, ...newer };
    expect(newest(later, earlier)).toBe(later);
    expect(newest(earlier, later)).toBe(later);
    expect(newest({ ...earlier, spacing }, earlier)).toStrictEqual(earlier);
  });

  it('forgets a failure from before the token, not one from after it', () => {
    expect(newest({ token: newerToken }, { failure, spacing })).toStrictEqual({
      token: newerToken,
      spacing,
    });
    expect(newest({ token }, { failure })).toStrictEqual({ token, failure });
  });
});

describe('whyNoToken', () => {
  const record = toRecord(owner, state);
  it.each([
    ['none', undefined],
    ['none', { ...record, token: undefined }],
    ['corrupt', null],
    ['corrupt', 'text'],
    ['corrupt', { ...record, version: 2 }],
    ['corrupt', { ...record, baseUrl: 7 }],
    ['corrupt', { ...record, token: { ...token, expiresAt: 'soon' } }],
    ['of another key or environment', { ...record, environment: 'LIVE' }],
    ['of another key or environment', { ...record, baseUrl: 'https://tt.example/' }],
    ['of another key or environment', { ...record, keyFingerprint: 'fedcba9876543210' }],
    ['dated ahead', record],
  ])('says %s', (reason, raw) => {
    expect(whyNoToken(raw, owner)).toBe(reason);
  });
});
