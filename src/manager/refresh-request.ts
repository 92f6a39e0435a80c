import type { RefreshReason } from './events.js';
import type { HeldToken } from './held-token.js';
import { ageingAt, isUsable, type Token } from '../base/token.js';

/** A token that the API refused, and since when this process saw no refusal of it. */
export interface RefusedToken {
  readonly accessToken: string;
  readonly unrefusedSince: number;
}

/** What a refresh is for. */
export interface RefreshRequest {
  readonly reason: RefreshReason;
  /** Epoch ms at which it was asked for. */
  readonly startedAt: number;
  /** Whether a stored token serves the purpose. */
  isEnough(token: Token): boolean;
  /** The token whose refusal caused it. */
  readonly refused?: RefusedToken | undefined;
}

/**
 * What a forced refresh asks for: a token obtained after it was asked. The held one is none, even where the
 * clock has been set back since.
 */
export function forcedRequest(startedAt: number, held: HeldToken | undefined): RefreshRequest {
  const obtainedBefore = Math.max(startedAt, held?.token.obtainedAt ?? 0);
  return { reason: 'forced', startedAt, isEnough: (token) => token.obtainedAt > obtainedBefore };
}

/** What the state of the token makes necessary: another than the refused one, a younger one, or any. */
export function neededRequest(
  held: HeldToken | undefined,
  refused: RefusedToken | undefined,
  refreshBufferMs: number,
): RefreshRequest {
  const startedAt = Date.now();
  const isStillUsable = (token: Token): boolean => isUsable(token, Date.now());
  if (refused) {
    const isEnough = (token: Token): boolean =>
      token.accessToken !== refused.accessToken && isStillUsable(token);
    return { reason: 'refused', startedAt, isEnough, refused };
  }
  if (held && isStillUsable(held.token)) {
    const isEnough = (token: Token): boolean => Date.now() < ageingAt(token, refreshBufferMs);
    return { reason: 'ageing', startedAt, isEnough };
  }
  return { reason: held ? 'expired' : 'missing', startedAt, isEnough: isStillUsable };
}
