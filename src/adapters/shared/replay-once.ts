import { orAborted } from '../../base/abort.js';
import { authorizeNow } from '../../manager/authorize-now.js';
import type { Authorization, TokenManager } from '../../manager/token-manager.js';

/** One request to a trusted URL. */
export interface ReplayableRequest<Result> {
  readonly url: string;
  readonly canReplay: boolean;
  /** Runs a wait for a token or for the caller's check, which the signal ends when the caller stops. */
  waiting<Waited>(wait: (signal?: AbortSignal) => Promise<Waited>): Promise<Waited>;
  send(authorization: Authorization): Promise<Result>;
  /** Whether the API refused the token that was sent. */
  isTokenRejected(result: Result): boolean | Promise<boolean>;
  /** Gives up what an attempt brought and nobody will read. */
  discard(result: Result): void | Promise<void>;
}

/** A first attempt that its sender has made by itself, with a token that was at hand. */
export interface FirstAttempt<Result> {
  readonly authorization: Pick<Authorization, 'accessToken'>;
  readonly result: Result;
  /** What {@link ReplayableRequest.isTokenRejected} said of the result, where it was asked. */
  readonly isRefused?: boolean | Promise<boolean>;
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
  return (await isRejected(request, result, isRefused))
    ? replay(manager, request, authorization, result)
    : result;
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
  return { authorization, result: await request.send(authorization) };
}

/** Whether the API refused the token; where the check fails or the caller leaves, the result is given up. */
async function isRejected<Result>(
  request: ReplayableRequest<Result>,
  result: Result,
  asked?: boolean | Promise<boolean>,
): Promise<boolean> {
  try {
    const answer = asked ?? request.isTokenRejected(result);
    if (typeof answer === 'boolean') return answer;
    return await request.waiting((signal) => (signal ? orAborted(answer, signal) : answer));
  } catch (reason) {
    await request.discard(result);
    throw reason;
  }
}

async function replay<Result>(
  manager: TokenManager,
  request: ReplayableRequest<Result>,
  refused: Pick<Authorization, 'accessToken'>,
  first: Result,
): Promise<Result> {
  const { url } = request;
  manager.invalidate(refused.accessToken);
  if (!request.canReplay) return first;
  const next = await request.waiting((signal) => anotherToken(manager, url, refused, signal));
  if (!next) return first;
  await request.discard(first);
  const second = await request.send(next);
  if (await isRejected(request, second)) manager.invalidate(next.accessToken);
  return second;
}

/** Credentials with another token than the refused one; undefined where there is none to be had now. */
async function anotherToken(
  manager: TokenManager,
  url: string,
  refused: Pick<Authorization, 'accessToken'>,
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
