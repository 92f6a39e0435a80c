import type { Token } from '../base/token.js';

/** The expiry of a token for programs; the value too where it may be shown. */
export function expiryFields(token: Token, now: number, show: boolean): Record<string, unknown> {
  return {
    expiry_time: new Date(token.expiresAt).toISOString(),
    seconds_until_expiry: secondsUntil(token.expiresAt, now),
    token: show ? token.accessToken : undefined,
  };
}

/** The expiry of a token for people, `2026-01-31T12:00:00.000Z (in 23 h 59 min)`. */
export function expiryText({ expiresAt }: Token, now: number): string {
  const isPast = expiresAt <= now;
  const distance = isPast ? `${duration(now - expiresAt)} ago` : `in ${duration(expiresAt - now)}`;
  return `${new Date(expiresAt).toISOString()} (${distance})`;
}

/** The line that shows a token, if it may be shown. */
export function tokenLines(token: Token | undefined, show: boolean): readonly string[] {
  return token && show ? [`token: ${token.accessToken}`] : [];
}

function secondsUntil(instant: number, now: number): number {
  return Math.max(0, Math.floor((instant - now) / 1_000));
}

function duration(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1_000);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  if (minutes === 0) return `${seconds} s`;
  if (hours === 0) return `${minutes} min`;
  return `${hours} h ${minutes % 60} min`;
}
