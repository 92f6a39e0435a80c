import { expect, it } from 'vitest';
import { lifeMs } from '../../src/records/record.js';

const now = 1_700_000_000_000;
const token = { accessToken: 'a', tokenType: 'bearer', obtainedAt: now, expiresAt: now + 50_000 };
const failure = {
  code: 'TOKEN_REQUEST_FAILED',
  message: 'down',
  failedAt: now,
  waitMs: 60_000,
  failures: 1,
  credentials: 'c',
} as const;
const spacing = { refreshedAt: now - 1_000, waitMs: 300_000 };

it.each([
  ['nothing', {}, 600_000],
  ['a token that has expired', { token: { ...token, expiresAt: now - 1 } }, 600_000],
  ['a token', { token }, 650_000],
  ['a failure that outlasts the token', { token, failure }, 660_000],
  ['a Retry-After', { failure: { ...failure, forbiddenMs: 90_000 } }, 690_000],
  ['refusals that lengthen the next wait', { token, failure, spacing }, 1_199_000],
])('keeps %s for as long as it tells something, and 10 minutes', (_, state, expected) => {
  expect(lifeMs(state, now)).toBe(expected);
});
