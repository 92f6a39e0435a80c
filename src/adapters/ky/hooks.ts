import type { Authorization, TokenManager } from '../../manager/token-manager.js';
import { withoutRequestId, withRequestId } from '../../tt/request-url.js';
import {
  answerIn,
  delivered,
  discard,
  free,
  outcomeOf,
  resultOf,
  type FetchOutcome,
} from '../fetch/outcome.js';
import { keptParts } from '../fetch/request-parts.js';
import { withCredentials } from '../shared/headers.js';
import { rulesOf, type AdapterOptions } from '../shared/options.js';
import { replayIfRefused, type ReplayableRequest } from '../shared/replay-once.js';
import { requestIdOf } from '../shared/request-id-of.js';
import { withinTimeout } from './timeout.js';

/** What ky 2 hands to a hook; ky 1 hands request, options and response one by one. */
export interface KyHookState {
  /** The request of this attempt. */
  readonly request: Request;
  /** The options of the call. */
  readonly options: {
    /** One object for all hooks of a call. */
    readonly headers?: unknown;
    /** Node's dispatcher of the call. */
    readonly dispatcher?: unknown;
    /** The fetch of the instance; ky 2 shows none. */
    readonly fetch?: unknown;
    /** The timeout of the call; ky 2 shows it to `init` hooks only. */
    readonly timeout?: unknown;
    /** The user's own data, one object for all hooks of a call. */
    readonly context?: unknown;
  };
  /** The response, for `afterResponse`. */
  readonly response?: Response;
}

/** Hooks that fit ky 1 and ky 2. */
export interface KyHooks {
  /** Notes the timeout, for the replay. ky 1 has no such hooks. */
  init: ((options: { context?: object; timeout?: unknown }) => void)[];
  /** Puts the credentials on. */
  beforeRequest: {
    (state: KyHookState): Promise<Request>;
    (request: Request, options: KyHookState['options']): Promise<Request>;
  }[];
  /** Puts new credentials on before each of ky's own retries. ky 1 runs `beforeRequest` instead. */
  beforeRetry: {
    (state: KyHookState): Promise<Request>;
    (state: KyHookState): Promise<void>;
  }[];
  /** Reports a refused token and replays the request once. */
  afterResponse: {
    (state: KyHookState): Promise<Response | undefined>;
    (
      request: Request,
      options: KyHookState['options'],
      response: Response,
    ): Promise<Response | undefined>;
  }[];
}

/**
 * What was sent of a call. An abort passes from ky's Request to ours only while both are held: Node collects a
 * Request that nobody holds, also in the midst of its fetch.
 */
interface SentCall {
  readonly body: ArrayBuffer | undefined;
  readonly given: Request;
  readonly sent: Request;
}

/**
 * Makes ky hooks for clients that compose hooks themselves. `authenticateKy` has none of their limits:
 * - redirects cannot be guarded: use the hooks with servers that do not redirect off the trusted origins;
 * - ky's errors show the token in `util.inspect`;
 * - a stream body is buffered, and a refused response longer than 64 KiB holds its connection while a token is
 *   fetched;
 * - ky's timeout does not cover the wait for a token; a replay, with its wait, ends after that timeout once more, and
 *   after 10 s on ky 2 if the hooks were taken without `init`;
 * - `onAttempt` is not told of attempts without an answer, nor of redirects;
 * - on ky 2 the replay goes through the global fetch, as ky 2 shows a hook no other;
 * - on ky 1 the hooks must come last: ky 1 stops at the first `beforeRequest` hook that returns a request.
 * @throws TypeError for a wrong option
 */
export function kyHooks(manager: TokenManager, options?: AdapterOptions): KyHooks {
  const rules = rulesOf(options);
  /** What was sent last of each call; the key is the one object that all hooks of a call share. */
  const calls = new WeakMap<object, SentCall>();
  /** The timeout of each call, by its context. */
  const timeouts = new WeakMap<object, unknown>();

  function noteTimeout(call: { context?: object; timeout?: unknown }): void {
    call.context ??= {};
    timeouts.set(call.context, call.timeout);
  }

  async function authorized({ request, options: call }: KyHookState): Promise<Request> {
    const authorization = await manager.authorize(request.url, { signal: request.signal });
    if (!authorization) return request;
    const key = keyOf(call);
    // Sending uses a body up.
    const isFresh = request.body && !request.bodyUsed;
    const body = isFresh ? await request.clone().arrayBuffer() : calls.get(key)?.body;
    const sent = withAuthorization(request, authorization, { call, body });
    calls.set(key, { body, given: request, sent });
    return sent;
  }

  async function replayRefused(state: KyHookState): Promise<Response | undefined> {
    const { request, response: first, options: call } = state;
    const accessToken = tokenOf(request);
    if (!first || accessToken === undefined || !manager.isTrusted(request.url)) return undefined;
    const { body, given: { signal } = request } = calls.get(keyOf(call)) ?? {};
    const url = withoutRequestId(request.url);
    const own = typeof call.fetch === 'function' ? (call.fetch as typeof fetch) : fetch;
    const tell = (isReplay: boolean, requestId: string, outcome: FetchOutcome): void =>
      rules.tell?.({ requestId, method: request.method, url, isReplay, ...resultOf(outcome) });
    const refused: FetchOutcome = { response: first };
    if (rules.tell) tell(false, requestIdOf(request) ?? '', refused);
    const replay = (limit: AbortSignal | undefined): Promise<FetchOutcome> => {
      const replayable: ReplayableRequest<FetchOutcome> = {
        ...{ url, free, canReplay: () => !request.body || body !== undefined },
        waiting: (wait) => wait(limit),
        discard(outcome) {
          // Not the first, which is a clone, before its replay is over: on Node 20, an abort of the replay would
          // reject a promise of that clone's to which nobody listens.
          if (outcome !== refused) discard(outcome);
        },
        answerTo: (outcome) => answerIn(outcome, url),
        async send(authorization) {
          const again = withAuthorization(request, authorization, { call, body });
          const outcome = await outcomeOf(own(again, { signal: limit ?? null }));
          tell(true, authorization.requestId, outcome);
          return outcome;
        },
        sendBare: () => outcomeOf(own(request)),
      };
      const sent = { authorization: { accessToken }, result: refused };
      return replayIfRefused(manager, rules, replayable, sent);
    };
    const timeout = timeouts.get(call.context as object) ?? call.timeout;
    try {
      const outcome = await withinTimeout(timeout, request, signal, replay);
      return outcome === refused ? undefined : delivered(outcome);
    } finally {
      // ky gives each hook a clone, and some versions never cancel it.
      discard(refused);
    }
  }

  return {
    init: [noteTimeout],
    beforeRequest: [
      (first: KyHookState | Request, second?: object) => authorized(stateOf(first, second)),
    ],
    beforeRetry: [authorized as KyHooks['beforeRetry'][number]],
    afterResponse: [
      (first: KyHookState | Request, second?: object, third?: Response) =>
        replayRefused(stateOf(first, second, third)),
    ],
  };
}

function withAuthorization(
  request: Request,
  authorization: Authorization,
  { call, body }: { call: KyHookState['options']; body: ArrayBuffer | undefined },
): Request {
  const { method, redirect } = request;
  return new Request(withRequestId(request.url, authorization.requestId), {
    ...{ ...keptParts(request), method, redirect },
    // Not every Node shows the one of a Request.
    ...(call.dispatcher ? ({ dispatcher: call.dispatcher } as object) : undefined),
    headers: withCredentials(request.headers, authorization),
    body: request.body ? (body ?? null) : null,
  });
}

function tokenOf({ headers }: Request): string | undefined {
  return headers.get('authorization')?.replace(/^Bearer /, '');
}

/** What identifies a call. */
function keyOf(options: KyHookState['options']): object {
  return typeof options.headers === 'object' && options.headers !== null
    ? options.headers
    : options;
}

function stateOf(
  first: KyHookState | Request,
  options: KyHookState['options'] = {},
  response?: Response,
): KyHookState {
  if ('request' in first) return first;
  return { request: first, options, ...(response && { response }) };
}
