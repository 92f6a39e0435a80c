import type { StoreIdentity } from '../../src/index.js';
import type { SharedState, StoredFailure } from '../../src/records/record.js';

const dayMs = 86_400_000;
const codes = [
  'TOKEN_REQUEST_FAILED',
  'TOKEN_RATE_LIMITED',
  'CREDENTIALS_REJECTED',
  'TOKEN_RESPONSE_INVALID',
];

/* The rules of a record once more, from contract.md and told one field at a time. */

function instant(value: unknown, latest = 8.64e15): boolean {
  return (
    typeof value === 'number' &&
    value >= 0 &&
    value <= latest &&
    !Number.isNaN(new Date(value).getTime())
  );
}

function headerText(value: unknown): boolean {
  const printable = (one: string): boolean => one > ' ' && one < '\x7f';
  return (
    typeof value === 'string' &&
    value.length > 0 &&
    value.length <= 16_384 &&
    Array.from(value).every(printable)
  );
}

function part(
  value: unknown,
  rules: Record<string, (value: unknown, whole: Record<string, unknown>) => boolean>,
): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const whole = value as Record<string, unknown>;
  return Object.entries(rules).every(([name, rule]) => rule(whole[name], whole));
}

function isToken(value: unknown, now: number): boolean {
  return part(value, {
    accessToken: headerText,
    tokenType: headerText,
    obtainedAt: (at) => instant(at, now + 60_000),
    expiresAt: (at, { obtainedAt }) => instant(at) && (at as number) > (obtainedAt as number),
  });
}

function isFailure(value: unknown, now: number): boolean {
  return part(value, {
    code: (code) => codes.includes(code as string),
    message: (text) => typeof text === 'string',
    failedAt: (at) => instant(at, now + 60_000),
    waitMs: span,
    forbiddenMs: (ms) => ms === undefined || span(ms),
    failures: (number) => Number.isSafeInteger(number),
    credentials: (text) => typeof text === 'string',
  });
}

function span(ms: unknown): boolean {
  return typeof ms === 'number' && ms >= 0 && ms <= dayMs;
}

function isSpacing(value: unknown, now: number): boolean {
  return part(value, {
    refreshedAt: (at) => instant(at, now + 60_000),
    waitMs: (ms) => typeof ms === 'number' && ms > 0 && ms <= 600_000,
  });
}

function isOwned(raw: unknown, owner: StoreIdentity): raw is Record<string, unknown> {
  return part(raw, {
    version: (version) => version === 1,
    environment: (name) => name === owner.environment,
    baseUrl: (url) => url === owner.baseUrl,
    keyFingerprint: (text) => text === owner.keyFingerprint,
  });
}

function isGeneration(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) < 1e9;
}

/** A message of anybody's, as it may be shown. */
function printable(text: string): string {
  let shown = '';
  let wasPrintable = true;
  for (const unit of text.slice(0, 200).split('')) {
    const isPrintable = unit >= ' ' && unit <= '~';
    if (isPrintable) shown += unit;
    else if (wasPrintable) shown += ' ';
    wasPrintable = isPrintable;
  }
  return shown;
}

function pick(value: unknown, ...names: readonly string[]): Record<string, unknown> {
  const whole = value as Record<string, unknown>;
  return Object.fromEntries(names.map((name) => [name, whole[name]]));
}

/** What has to be read from whatever a store returned. */
export function soundParts(
  raw: unknown,
  owner: StoreIdentity,
  now: number,
): SharedState | undefined {
  if (!isOwned(raw, owner)) return undefined;
  const { generation, token, failure, spacing } = raw;
  const parts: Record<string, unknown> = {
    ...(isGeneration(generation) && { generation }),
    ...(isToken(token, now) && {
      token: pick(token, 'accessToken', 'tokenType', 'obtainedAt', 'expiresAt'),
    }),
    ...(isFailure(failure, now) && {
      failure: {
        message: printable((failure as StoredFailure).message),
        ...pick(failure, 'code', 'failedAt', 'waitMs', 'credentials'),
        ...((failure as StoredFailure).forbiddenMs !== undefined && pick(failure, 'forbiddenMs')),
        ...(typeof (failure as StoredFailure).responseStatus === 'number' &&
          pick(failure, 'responseStatus')),
        failures: Math.min(Math.max(1, (failure as StoredFailure).failures), 1_000_000),
      },
    }),
    ...(isSpacing(spacing, now) && { spacing: pick(spacing, 'refreshedAt', 'waitMs') }),
  };
  return parts;
}
