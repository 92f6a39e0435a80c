import { orAborted, reasonOf } from '../../base/abort.js';
import { inNextTurn } from '../../base/timers.js';
import type { Authorization, TokenManager } from '../../manager/token-manager.js';
import type { AdapterRules, RejectableResponse } from './options.js';

/** One request to a trusted URL. */
export interface ReplayableRequest<Result> {
  /** The URL that decides about trust. */
  readonly url: string;
  /** Whether it can be sent once more. */
  canReplay(): boolean;
  /** Runs a wait for a token or for the caller's check; the signal ends it when the caller aborts. */
  waiting<Waited>(wait: (signal?: AbortSignal) => Promise<Waited>): Promise<Waited>;
  send(authorization: Authorization, isReplay: boolean): Promise<Result>;
  /** Sends the request without credentials: a manager around ours may not want to give any. */
  sendBare(): Promise<Result>;
  /** Returns the answer to a token that was sent; undefined where there is none. */
  answerTo(result: Result): RejectableResponse | undefined;
  /** Lets a result go from its connection, which the token request may need; what can be read of it is kept. */
  free(result: Result): void;
  /** Discards a result that nobody will read. */
  discard(result: Result): void;
}

type Refused = Pick<Authorization, 'accessToken'>;
type Check = Pick<AdapterRules, 'isTokenRejected'>;

/**
 * Sends a request with the current token. If the API refuses the token, reports it and sends the request once
 * more, if its body can be sent again and there is another token. Otherwise the refusal is the result.
 */
export async function sendReplayingOnce<Result>(
  manager: TokenManager,
  rules: Check,
  request: ReplayableRequest<Result>,
): Promise<Result> {
  const { url } = request;
  const authorization = await request.waiting((signal) => manager.authorize(url, { signal }));
  if (!authorization) return request.sendBare();
  return replayIfRefused(manager, rules, request, {
    authorization,
    result: await request.send(authorization, false),
  });
}

/** Does so for a request that has been sent once. */
export async function replayIfRefused<Result>(
  manager: TokenManager,
  rules: Check,
  request: ReplayableRequest<Result>,
  first: { readonly authorization: Refused; readonly result: Result },
): Promise<Result> {
  const { authorization, result } = first;
  if (!(await isRefused(rules, request, result))) return result;
  manager.invalidate(authorization.accessToken);
  if (!request.canReplay()) return result;
  const next = await orDiscarded(request, result, () =>
    request.waiting((signal) =>
      freeing(anotherToken(manager, request.url, authorization, signal), () =>
        request.free(result),
      ),
    ),
  );
  if (!next) return result;
  request.discard(result);
  const second = await request.send(next, true);
  if (await isRefused(rules, request, second)) manager.invalidate(next.accessToken);
  return second;
}

function isRefused<Result>(
  { isTokenRejected }: Check,
  request: ReplayableRequest<Result>,
  result: Result,
): boolean | Promise<boolean> {
  const answer = request.answerTo(result);
  if (!answer) return false;
  return orDiscarded(request, result, async () => {
    const verdict = isTokenRejected(answer);
    if (typeof verdict === 'boolean') return verdict;
    return request.waiting((signal) => (signal ? orAborted(verdict, signal) : verdict));
  });
}

/** Runs a step that a result waits for; discards the result if the step fails, or the caller aborts. */
async function orDiscarded<Result, Value>(
  request: ReplayableRequest<Result>,
  result: Result,
  step: () => Promise<Value>,
): Promise<Value> {
  try {
    return await step();
  } catch (reason) {
    request.discard(result);
    throw reason;
  }
}

/** Waits for a token; one that is not at hand is waited for without a connection. */
async function freeing<Token>(token: Promise<Token>, free: () => void): Promise<Token> {
  const stop = inNextTurn(free);
  try {
    return await token;
  } finally {
    stop();
  }
}

/** Returns credentials with a token other than the refused one; undefined if there is none now. */
async function anotherToken(
  manager: TokenManager,
  url: string,
  refused: Refused,
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
