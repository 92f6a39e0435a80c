import fc from 'fast-check';
import type { StoreIdentity } from '../../src/index.js';
import { toRecord, type SharedState, type StoredFailure } from '../../src/records/record.js';

/** Anything that JSON can say, with the texts and numbers that records are made of. */
export const json: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<unknown>(
      null,
      true,
      false,
      '',
      'UAT',
      'a-token',
      '1',
      0,
      -0,
      1,
      -1,
      0.5,
      1e300,
    ),
    fc.oneof(fc.string({ unit: 'binary', maxLength: 8 }), fc.double(), fc.maxSafeInteger()),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(
      fc.constantFrom('version', 'token', 'accessToken', 'expiresAt', '__proto__', 'toString', 'x'),
      tie('value'),
      { maxKeys: 4 },
    ),
  ),
})).value;

/** Instants around the limits of what a store may hold. */
export function instantsAround(now: number): fc.Arbitrary<number> {
  const limits = [
    0,
    1,
    now - 1,
    now,
    now + 1,
    now + 60_000,
    now + 60_001,
    8.64e15,
    2 ** 31,
    2 ** 32,
  ];
  return fc.oneof(
    fc.constantFrom(...limits, -1, 8.64e15 + 1, Number.MAX_SAFE_INTEGER, NaN, Infinity, now + 0.5),
    fc.integer({ min: now - 10_000, max: now + 100_000 }),
    fc.double(),
  );
}

const dayMs = 86_400_000;
const printable = fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code));
const headerText = fc.string({ unit: printable, minLength: 1 });

/** What a manager may write at an instant. */
export function stateAt(now: number): fc.Arbitrary<SharedState> {
  const latest = Math.max(0, now);
  const past = fc.oneof(
    fc.constantFrom(latest, Math.max(0, now - 1)),
    fc.integer({ min: Math.max(0, now - 60 * dayMs), max: latest }),
  );
  const lifetimeMs = fc.integer({ min: 1, max: 60 * dayMs });
  const token = fc
    .tuple(headerText, headerText, past, lifetimeMs)
    .map(([accessToken, tokenType, obtainedAt, ms]) => ({
      ...{ accessToken, tokenType, obtainedAt },
      expiresAt: obtainedAt + ms,
    }));
  const failure: fc.Arbitrary<StoredFailure> = fc
    .record({
      code: fc.constantFrom('TOKEN_REQUEST_FAILED', 'CREDENTIALS_REJECTED', 'TOKEN_RATE_LIMITED'),
      message: fc.string({ maxLength: 200 }),
      failedAt: past,
      waitMs: fc.integer({ min: 0, max: 60_000 }),
      failures: fc.integer({ min: 1, max: 1_000_000 }),
      credentials: fc.string(),
    })
    .chain((whole) =>
      fc.constantFrom(whole, { ...whole, responseStatus: 500 }, { ...whole, forbiddenMs: dayMs }),
    );
  const spacing = fc.record({ refreshedAt: past, waitMs: fc.integer({ min: 1, max: 600_000 }) });
  const generation = fc.integer({ min: 1, max: 999_999_999 });
  return fc.record({ generation, token, failure, spacing }, { requiredKeys: [] });
}

/** A change of one part of a record, at any depth: another value, no value, or one too many. */
export type Change = readonly [path: readonly string[], value: unknown];

/** Changes that a good record may have gone through. */
export function changesAround(now: number): fc.Arbitrary<readonly Change[]> {
  const paths = [
    ...['version', 'environment', 'baseUrl', 'keyFingerprint', 'token', 'failure', 'spacing', 'x'],
    ...['token.accessToken', 'token.tokenType', 'token.obtainedAt', 'token.expiresAt', 'token.x'],
    ...[
      'failure.code',
      'failure.message',
      'failure.responseStatus',
      'failure.failedAt',
      'failure.waitMs',
    ],
    ...['failure.forbiddenMs', 'failure.failures', 'failure.credentials'],
    ...['spacing.refreshedAt', 'spacing.waitMs', 'generation'],
  ].map((path) => path.split('.'));
  const value = fc.oneof(
    json,
    instantsAround(now),
    fc.constant(undefined),
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.constantFrom('y'.repeat(100_000), '\u001b]0;mine\u0007\u001b[2J\nall is well'),
    fc.constantFrom(1, 999_999_999, 1_000_000_000),
    fc.constantFrom<unknown>(
      ...['UAT', 'LIVE', 'uat', 'a b', 'a\r\nb', 'x'.repeat(16_384), 'x'.repeat(16_385), '\u00e9'],
      ...['TOKEN_REQUEST_FAILED', 'CREDENTIALS_REJECTED', 'MANAGER_CLOSED', 'toString'],
      ...[600_000, 600_001, Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER + 1, 86_400_000],
    ),
  );
  const token = fc.record({
    ...{ accessToken: headerText, tokenType: headerText },
    ...{ obtainedAt: instantsAround(now), expiresAt: instantsAround(now) },
  });
  const change = fc.oneof(
    fc.tuple(fc.constantFrom(...paths), value),
    fc.tuple(fc.constant(['token']), token),
  );
  return fc.array(change, { maxLength: 3 });
}

/** The record with the changes made, `undefined` removing a part. */
export function changed(
  identity: StoreIdentity,
  state: SharedState,
  changes: readonly Change[],
): Record<string, unknown> {
  const record = structuredClone(toRecord(identity, state)) as unknown as Record<string, unknown>;
  for (const [path, value] of changes) {
    let owner: unknown = record;
    for (const name of path.slice(0, -1))
      owner = (owner as Record<string, unknown> | undefined)?.[name];
    const last = path.at(-1) as string;
    if (typeof owner !== 'object' || owner === null) continue;
    if (value === undefined) Reflect.deleteProperty(owner, last);
    else Reflect.set(owner, last, value);
  }
  return record;
}
