import { copyOfHeaders, type HeadersLike } from '../shared/headers.js';
import { classOf } from '../shared/platform-class.js';
import { isWebStream } from '../shared/streams.js';
import { givenBody, requestBody, type CallBody } from './body.js';
import { imitate, keptParts } from './request-parts.js';

/** The parts of a request that change from one attempt or hop to the next. */
export interface Attempt {
  readonly method: string;
  readonly headers: NonNullable<HeadersLike>;
  readonly body: NonNullable<RequestInit['body']> | null;
  readonly redirect: NonNullable<RequestInit['redirect']>;
  /** The policy that a redirect set; replaces the caller's. */
  readonly referrerPolicy?: Request['referrerPolicy'];
  /** What the platform is to check; nothing where we check the last response. */
  readonly integrity?: string;
}

/** A fetch call in one form. */
export interface FetchRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: HeadersLike;
  readonly body: CallBody;
  readonly redirect: NonNullable<RequestInit['redirect']>;
  readonly signal: AbortSignal | undefined;
  readonly referrerPolicy?: Attempt['referrerPolicy'];
  /** Hashes of the last response, where the caller gave some. */
  readonly integrity: string | undefined;
  readonly follow: number | undefined;
  /** The Request of the call, if it had one. */
  readonly input?: Request;
  /** Returns the arguments for one attempt, in the form of the call. */
  toCall(url: string, attempt: Attempt): [input: string | Request, init: RequestInit];
}

/** Returns the URL of a fetch call. */
export function urlOf(input: string | URL | Request): string {
  return isRequest(input) ? input.url : String(input);
}

/** Reads the parts of a fetch call, once. The body of a Request takes a wait. */
export function readFetchRequest(
  input: string | URL | Request,
  url: string,
  given: RequestInit | undefined,
): FetchRequest | Promise<FetchRequest> {
  const init = given && copyOfInit(given);
  if (isRequest(input)) return readRequest(input, init);
  const signal = init?.signal ?? undefined;
  return {
    url,
    method: normalMethod(init?.method),
    headers: copyOf(init?.headers),
    body: givenBody(init?.body),
    redirect: init?.redirect ?? 'follow',
    signal,
    integrity: init?.integrity || undefined,
    follow: followOf(init),
    toCall: (target, attempt) => [target, { ...init, ...attempt, signal: signal ?? null }],
  };
}

function readRequest(input: Request, init: RequestInit = {}): FetchRequest | Promise<FetchRequest> {
  const PlatformRequest = classOf(input, 'Request');
  const isComplete = Object.keys(init).length === 0 && !input.bodyUsed;
  const request = isComplete ? input : new PlatformRequest(input, init);
  const { url, method, headers, redirect, integrity } = request;
  const parts = keptParts(request, input);
  const rest = beyondRequest(init);
  const signal = (init.signal === undefined ? input.signal : init.signal) ?? undefined;
  const copied = copyOfHeaders(headers);

  function withBody(body: CallBody): FetchRequest {
    return {
      ...{ url, method, redirect, signal, body, input },
      headers: copied,
      integrity: integrity || undefined,
      follow: followOf(init) ?? followOf(input),
      toCall(target, attempt) {
        const duplex = isWebStream(attempt.body) && { duplex: 'half' as const };
        const all = { ...parts, ...attempt, ...duplex };
        const changed = new PlatformRequest(target, all);
        imitate(input, changed);
        return [changed, { ...rest, ...besideRequest(all, signal) }];
      },
    };
  }

  return request.body ? requestBody(request).then(withBody) : withBody(givenBody(null));
}

/** Returns node-fetch's own limit of redirects. */
function followOf(options: object | undefined): number | undefined {
  const follow: unknown = options && Reflect.get(options, 'follow');
  return typeof follow === 'number' ? follow : undefined;
}

/** The standard members: fetch reads inherited ones too, as of a Request used as init. */
const initMembers = [
  ...['method', 'headers', 'body', 'duplex', 'redirect', 'signal', 'cache', 'credentials'],
  ...['integrity', 'keepalive', 'mode', 'referrer', 'referrerPolicy', 'dispatcher'],
] as const;

function copyOfInit(init: RequestInit): RequestInit {
  if (Object.getPrototypeOf(init) === Object.prototype) return { ...init };
  const standard = initMembers
    .map((name) => [name, Reflect.get(init, name) as unknown] as const)
    .filter(([, value]) => value !== undefined);
  return { ...init, ...Object.fromEntries(standard) };
}

const inRequest = new Set([
  ...['method', 'headers', 'body', 'duplex', 'redirect', 'signal', 'window'],
  ...['referrer', 'referrerPolicy', 'integrity'],
]);

/** Returns the members of an init that the inner fetch must get beside the Request. */
function beyondRequest(init: RequestInit): RequestInit {
  return Object.fromEntries(Object.entries(init).filter(([name]) => !inRequest.has(name)));
}

/**
 * Returns what fetch must get beside a Request that we made. It may be collected in the midst of its fetch, and
 * passes on no abort then, so the caller's own signal goes along; and fetch takes the referrer of an init only.
 */
function besideRequest(
  { referrer, referrerPolicy }: RequestInit,
  signal: AbortSignal | undefined,
): RequestInit {
  return {
    ...(signal && { signal }),
    ...(referrer !== undefined && { referrer }),
    ...(referrerPolicy && { referrerPolicy }),
  };
}

/** Copies headers, in the caller's form and case. */
function copyOf(headers: HeadersLike): HeadersLike {
  if (!headers) return undefined;
  return Object.getPrototypeOf(headers) === Object.prototype
    ? { ...(headers as Record<string, string>) }
    : copyOfHeaders(headers);
}

const normalizedMethods = new Set(['DELETE', 'GET', 'HEAD', 'OPTIONS', 'POST', 'PUT']);

/** Returns the method as the Fetch standard normalizes it: only these six become upper case. */
function normalMethod(method: string | undefined): string {
  if (method === undefined) return 'GET';
  const upper = method.toUpperCase();
  return normalizedMethods.has(upper) ? upper : method;
}

/** By tag first: the Request of npm's undici is another class than the global one, and a page in jsdom has none. */
function isRequest(input: unknown): input is Request {
  if (typeof input === 'string') return false;
  if (Object.prototype.toString.call(input) === '[object Request]') return true;
  return 'Request' in globalThis && input instanceof Request;
}
