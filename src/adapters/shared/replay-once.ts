import { orAborted, reasonOf } from '../../base/abort.js';
import { authorizeNow } from '../../manager/authorize-now.js';
import type { Authorization, TokenManager } from '../../manager/token-manager.js';

/** One request to a trusted URL. */
export interface ReplayableRequest<Result> {
  readonly url: string;
  readonly canReplay: boolean;
  /** Runs a wait for a token or for the caller's check; the signal ends it when the caller aborts. */
  waiting<Waited>(wait: (signal?: AbortSignal) => Promise<Waited>): Promise<Waited>;
  send(authorization: Authorization): Promise<Result>;
  /** Sends the request without credentials: a manager around ours may not want to give any. */
  sendBare(): Promise<Result>;
  /** Returns whether the API refused the token that was sent. */
  isTokenRejected(result: Result): boolean | Promise<boolean>;
  /** Discards a result that nobody will read. */
  discard(result: Result): void | Promise<void>;
}

/** A first attempt that the adapter made by itself, with the token in memory. */
export interface FirstAttempt<Result> {
  readonly authorization: Pick<Authorization, 'accessToken'>;
  readonly result: Result;
  /** What {@link ReplayableRequest.isTokenRejected} said of the result, where it was asked. */
  readonly isRefused?: boolean | Promise<boolean>;
}

/**
 * Sends a request with the current token. If the API refuses the token, reports it and sends the request once
 * more, if its body can be sent again and there is another token. Otherwise the refusal is the result.
 */
export async function sendReplayingOnce<Result>(
  manager: TokenManager,
  request: ReplayableRequest<Result>,
  begun?: FirstAttempt<Result>,
): Promise<Result> {
  const first = begun ?? (await begin(manager, request));
  if (!first) return request.sendBare();
  const { authorization, result, isRefused } = first;
  return (await isRejected(request, result, isRefused))
    ? replay(manager, request, authorization, result)
    : result;
}

async function begin<Result>(
  manager: TokenManager,
  request: ReplayableRequest<Result>,
): Promise<FirstAttempt<Result> | undefined> {
  const { url } = request;
  const authorization =
    authorizeNow(manager, url) ??
    (await request.waiting((signal) => manager.authorize(url, { signal })));
  return authorization && { authorization, result: await request.send(authorization) };
}

/** Returns whether the API refused the token; discards the result if the check fails or the caller aborts. */
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

/** Returns credentials with a token other than the refused one; undefined if there is none now. */
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
    if (signal?.aborted) throw reasonOf(signal);
    return undefined;
  }
}
