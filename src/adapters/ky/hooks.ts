import { discardBody } from '../../base/discard-body.js';
import type { Authorization, TokenManager } from '../../manager/token-manager.js';
import { withRequestId } from '../../tt/request-url.js';
import { rejectionCheck, type AdapterOptions } from '../shared/options.js';
import { withCredentials } from '../shared/headers.js';
import { sendReplayingOnce } from '../shared/replay-once.js';

/** What ky 2 hands to a hook; ky 1 hands request, options and response one by one. */
export interface KyHookState {
  readonly request: Request;
  readonly options: { readonly headers?: unknown; readonly fetch?: unknown };
  readonly response?: Response;
}

/** Hooks that fit ky 1 and ky 2. */
export interface KyHooks {
  /** Puts the credentials on. */
  beforeRequest: {
    (state: KyHookState): Promise<Request>;
    (request: Request, options: KyHookState['options']): Promise<Request>;
  }[];
  /** Puts new ones on before each of ky's own retries; ky 1 runs `beforeRequest` there, and heeds no request. */
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
 * Makes ky hooks for clients that compose hooks themselves. Their limits: redirects cannot be guarded, so
 * use them with servers that do not redirect off the trusted origins; ky's errors show the token in
 * `util.inspect`; a request with a stream as its body is buffered; the replay goes through the global fetch
 * on ky 2, which shows a hook no other; on ky 1 they have to come last, as it runs no `beforeRequest` hook behind one that returns a request.
 * `authenticateKy` has none of them.
 * @throws TypeError when `isTokenRejected` is no function
 */
export function kyHooks(manager: TokenManager, options?: AdapterOptions): KyHooks {
  const isTokenRejected = rejectionCheck(options);
  /** A body that was sent is used up. By the options' headers, the one object that all hooks of a call share. */
  const bodies = new WeakMap<object, ArrayBuffer>();

  async function authorized({ request, options: call }: KyHookState): Promise<Request> {
    const authorization = await manager.authorize(request.url, { signal: request.signal });
    if (!authorization) return request;
    const key = keyOf(call);
    if (request.body && !request.bodyUsed) bodies.set(key, await request.clone().arrayBuffer());
    return withAuthorization(request, authorization, bodies.get(key));
  }

  async function replayRefused(state: KyHookState): Promise<Response | undefined> {
    const { request, response: first, options: call } = state;
    const accessToken = tokenOf(request);
    if (!first || accessToken === undefined || !manager.isTrusted(request.url)) return undefined;
    const body = bodies.get(keyOf(call));
    const own = typeof call.fetch === 'function' ? (call.fetch as typeof fetch) : fetch;
    const response = await sendReplayingOnce<Response>(
      manager,
      {
        url: request.url,
        waiting: (wait) => wait(request.signal),
        canReplay: !request.body || body !== undefined,
        discard: discardBody,
        isTokenRejected,
        send: (authorization) => own(withAuthorization(request, authorization, body)),
      },
      { authorization: { accessToken }, result: first },
    );
    if (response !== first) return response;
    // ky gives each hook a clone, and not all versions give it up.
    discardBody(first);
    return undefined;
  }

  return {
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
  body: ArrayBuffer | undefined,
): Request {
  const { method, signal, redirect, keepalive } = request;
  return new Request(withRequestId(request.url, authorization.requestId), {
    ...{ method, signal, redirect, keepalive },
    headers: withCredentials([...request.headers], authorization),
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
