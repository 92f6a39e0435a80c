import { ageingAt, usableUntil, type Token } from '../base/token.js';

/** The token in memory, with what its callers need computed once. */
export interface HeldToken {
  readonly token: Token;
  /** What a caller gets. */
  readonly promise: Promise<Token>;
  readonly ageingAt: number;
  readonly usableUntil: number;
  /** When an idle process refreshes it: soon after its ageing starts, each process at another moment. */
  readonly refreshAt: number;
  /** Epoch ms since which nobody here saw it refused. */
  unrefusedSince: number;
}

/** Idle processes spread their refreshes over this share of the ageing time. */
const jitterShare = 0.1;

/** Makes a {@link HeldToken} of a token that comes now. */
export function toHeld(token: Token, refreshBufferMs: number): HeldToken {
  const startsAgeing = ageingAt(token, refreshBufferMs);
  return {
    token,
    promise: Promise.resolve(token),
    ageingAt: Math.min(startsAgeing, usableUntil(token)),
    usableUntil: usableUntil(token),
    refreshAt: startsAgeing + (token.expiresAt - startsAgeing) * jitterShare * Math.random(),
    unrefusedSince: Date.now(),
  };
}
