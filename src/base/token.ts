/** An access token of the TT REST API and its lifetime, as epoch milliseconds. */
export interface Token {
  /** The bearer token itself: a secret. */
  readonly accessToken: string;
  /** The scheme the service named, `bearer` where it named none. */
  readonly tokenType: string;
  /** Epoch ms at which the token request was sent; the lifetime counts from here. */
  readonly obtainedAt: number;
  /** Epoch ms at which the token ceases to be valid. */
  readonly expiresAt: number;
}

const shortestUsableMs = 1_000;
const latestInstant = 8.64e15;

/** The moment a token starts ageing: the buffer before its expiry, or half its life if that is later. */
export function ageingAt(token: Token, refreshBufferMs: number): number {
  const lifetimeMs = token.expiresAt - token.obtainedAt;
  return token.expiresAt - Math.min(refreshBufferMs, lifetimeMs / 2);
}

/** The last moment a token is handed out without a refresh: 1 s before its expiry, or a tenth of its life. */
export function usableUntil(token: Token): number {
  const lifetimeMs = token.expiresAt - token.obtainedAt;
  return token.expiresAt - Math.min(shortestUsableMs, lifetimeMs / 10);
}

/** Returns whether a token may be handed out without waiting for a refresh. */
export function isUsable(token: Token, now: number): boolean {
  return now <= usableUntil(token);
}

/** Returns whether the service would still take a token, by its expiry alone. */
export function isUnexpired(token: Token, now: number): boolean {
  return now < token.expiresAt;
}

/**
 * The value of an Authorization header for a token.
 * @throws TypeError when given neither a token nor a non-empty string.
 */
export function formatBearerToken(token: string | Token): string {
  const value: unknown =
    typeof token === 'string' ? token : (token as Token | undefined)?.accessToken;
  if (typeof value !== 'string' || value === '') {
    throw new TypeError('token must be a Token or a non-empty string');
  }
  return `Bearer ${value}`;
}

/** Returns whether a text can stand in a header as it is. */
export function isHeaderText(value: unknown): value is string {
  return typeof value === 'string' && /^[\x21-\x7e]{1,16384}$/.test(value);
}

/** Returns whether a value is an instant that a Date can show. */
export function isInstant(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= latestInstant;
}
