import type { SharedState } from '../records/record.js';
import { ageingAt, isUsable, type Token } from '../base/token.js';
import type { RefreshReason } from './events.js';
import type { HeldToken } from './held-token.js';

/** A token that the API refused. */
export interface RefusedToken {
  readonly accessToken: string;
  /** Milliseconds before the refusal in which this process saw none of it. */
  readonly stoodMs: number;
}

/** What a refresh is for. */
export interface RefreshRequest {
  readonly reason: RefreshReason;
  /** Epoch ms at which it was asked for. */
  readonly startedAt: number;
  /** Returns whether the token of a state is good enough. The first call is for the state found at the start. */
  isEnough(state: SharedState): boolean;
  /** The token whose refusal caused it. */
  readonly refused?: RefusedToken | undefined;
  /** Whether its token request has been sent: too late for a forced call to join. */
  isSent?: boolean;
  /** Lets a later forced call join one whose request has not been sent: no token from before that call is enough. */
  join?(askedAt: number): void;
}

/**
 * A forced refresh wants a token obtained after the call. The next generation may have been requested before the
 * call, so it must be dated later; the generation after that one is always good enough.
 */
export function forcedRequest(startedAt: number): RefreshRequest {
  let obtainedAfter = Date.now();
  let first: number | undefined;
  return {
    reason: 'forced',
    startedAt,
    isEnough({ token, generation = 0 }) {
      first ??= generation;
      if (!token || generation <= first) return false;
      return token.obtainedAt > obtainedAfter || generation > first + 1;
    },
    join(askedAt) {
      obtainedAfter = Math.max(obtainedAfter, askedAt);
      first = undefined;
    },
  };
}

/** Makes the request that the token held needs: a token other than the refused one, a younger one, or any. */
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
    return { reason: 'refused', startedAt, isEnough: ofToken(isEnough), refused };
  }
  if (held && isStillUsable(held.token)) {
    const isEnough = (token: Token): boolean => Date.now() < ageingAt(token, refreshBufferMs);
    return { reason: 'ageing', startedAt, isEnough: ofToken(isEnough) };
  }
  const reason = held ? 'expired' : 'missing';
  return { reason, startedAt, isEnough: ofToken(isStillUsable) };
}

function ofToken(isEnough: (token: Token) => boolean): RefreshRequest['isEnough'] {
  return ({ token }) => token !== undefined && isEnough(token);
}
