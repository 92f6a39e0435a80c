import type { Authorization, TokenManager } from '../token-manager.js';

/** What one attempt of a client brought. */
export interface Attempt<Result> {
  readonly result: Result;
  /** Whether the API refused the token that was sent. */
  readonly isTokenRejected: boolean;
}

/** One request to a trusted URL. */
export interface ReplayableRequest<Result> {
  readonly url: string;
  readonly signal: AbortSignal | undefined;
  readonly canReplay: boolean;
  send(authorization: Authorization): Promise<Attempt<Result>>;
  /** Gives up what a first attempt brought, when it is replayed. */
  discard(result: Result): Promise<void>;
}

/**
 * Sends a request with the current token; if that is refused, reports it and sends the request once more,
 * when it can be sent again and there is another token. Otherwise the refusal is the result.
 */
export async function sendReplayingOnce<Result>(
  manager: TokenManager,
  { url, signal, canReplay, send, discard }: ReplayableRequest<Result>,
): Promise<Result> {
  const authorization = await manager.authorize(url, { signal });
  if (!authorization) throw new TypeError('the URL is not trusted with credentials');
  const first = await send(authorization);
  if (!first.isTokenRejected) return first.result;
  manager.invalidate(authorization.accessToken);
  if (!canReplay) return first.result;
  const next = await anotherToken(manager, url, authorization, signal);
  if (!next) return first.result;
  await discard(first.result);
  const second = await send(next);
  if (second.isTokenRejected) manager.invalidate(next.accessToken);
  return second.result;
}

/** Credentials with another token than the refused one; undefined where there is none to be had now. */
async function anotherToken(
  manager: TokenManager,
  url: string,
  refused: Authorization,
  signal: AbortSignal | undefined,
): Promise<Authorization | undefined> {
  try {
    const next = await manager.authorize(url, { signal });
    return next?.accessToken === refused.accessToken ? undefined : next;
  } catch {
    signal?.throwIfAborted();
    return undefined;
  }
}
