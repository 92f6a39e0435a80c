import { authorizeNow } from '../../manager/authorize-now.js';
import type { Authorization, TokenManager } from '../../manager/token-manager.js';

/** One request to a trusted URL. */
export interface ReplayableRequest<Result> {
  readonly url: string;
  readonly canReplay: boolean;
  /** Runs a wait for a token, which the signal ends when the caller stops. */
  waiting<Waited>(wait: (signal?: AbortSignal) => Promise<Waited>): Promise<Waited>;
  send(authorization: Authorization): Promise<Result>;
  /** Whether the API refused the token that was sent. */
  isTokenRejected(result: Result): boolean | Promise<boolean>;
  /** Gives up what a first attempt brought, when it is replayed. */
  discard(result: Result): void | Promise<void>;
}

/** A first attempt that its sender has made by itself, with a token that was at hand. */
export interface FirstAttempt<Result> {
  readonly authorization: Authorization;
  readonly result: Result;
  readonly isRefused: boolean | Promise<boolean>;
}

/**
 * Sends a request with the current token; if that is refused, reports it and sends the request once more,
 * when it can be sent again and there is another token. Otherwise the refusal is the result.
 */
export async function sendReplayingOnce<Result>(
  manager: TokenManager,
  request: ReplayableRequest<Result>,
  begun?: FirstAttempt<Result>,
): Promise<Result> {
  const { authorization, result, isRefused } = begun ?? (await begin(manager, request));
  return (await isRefused) ? replay(manager, request, authorization, result) : result;
}

async function begin<Result>(
  manager: TokenManager,
  request: ReplayableRequest<Result>,
): Promise<FirstAttempt<Result>> {
  const { url } = request;
  const authorization =
    authorizeNow(manager, url) ??
    (await request.waiting((signal) => manager.authorize(url, { signal })));
  if (!authorization) throw new TypeError('the URL is not trusted with credentials');
  const result = await request.send(authorization);
  return { authorization, result, isRefused: request.isTokenRejected(result) };
}

async function replay<Result>(
  manager: TokenManager,
  request: ReplayableRequest<Result>,
  refused: Authorization,
  first: Result,
): Promise<Result> {
  const { url } = request;
  manager.invalidate(refused.accessToken);
  if (!request.canReplay) return first;
  const next = await request.waiting((signal) => anotherToken(manager, url, refused, signal));
  if (!next) return first;
  await request.discard(first);
  const second = await request.send(next);
  if (await request.isTokenRejected(second)) manager.invalidate(next.accessToken);
  return second;
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
