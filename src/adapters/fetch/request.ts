import type { HeadersLike } from '../shared/headers.js';
import { givenBody, requestBody, type CallBody } from './body.js';

/** The parts of a request that change from one attempt or hop to the next. */
export interface Attempt {
  readonly method: string;
  readonly headers: NonNullable<HeadersLike>;
  readonly body: NonNullable<RequestInit['body']> | null;
  readonly redirect: NonNullable<RequestInit['redirect']>;
  /** The policy that a redirect has set, in place of the caller's. */
  readonly referrerPolicy?: Request['referrerPolicy'];
}

/** The parts of a fetch call that the adapter has to know, whatever form the call had. */
export interface FetchRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: HeadersLike;
  readonly body: CallBody;
  readonly redirect: NonNullable<RequestInit['redirect']>;
  readonly signal: AbortSignal | undefined;
  readonly referrerPolicy?: Attempt['referrerPolicy'];
  /** The arguments of a fetch for one attempt, in the form that the call had. */
  toCall(url: string, attempt: Attempt): [input: string | Request, init?: RequestInit];
}

/** The URL of a fetch call. */
export function urlOf(input: string | URL | Request): string {
  return isRequest(input) ? input.url : String(input);
}

/** Reads a fetch call, once; one that brings a Request has to be waited for. */
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
    toCall: (target, attempt) => [target, { ...init, ...attempt, signal: signal ?? null }],
  };
}

async function readRequest(input: Request, init: RequestInit = {}): Promise<FetchRequest> {
  const PlatformRequest = platformClass(input);
  const isComplete = Object.keys(init).length === 0 && !input.bodyUsed;
  const request = isComplete ? input : new PlatformRequest(input, init);
  const { url, method, headers, redirect, signal } = request;
  const parts = { ...ownParts(input), ...standardParts(request), signal };
  const rest = beyondRequest(init);
  return {
    ...{ url, method, redirect, signal },
    headers: Object.fromEntries(headers),
    body: await requestBody(request),
    toCall(target, attempt) {
      const duplex = attempt.body instanceof ReadableStream && { duplex: 'half' as const };
      const changed = new PlatformRequest(target, { ...parts, ...attempt, ...duplex });
      imitate(input, changed);
      return rest ? [changed, rest] : [changed];
    },
  };
}

/** The class that a Request's URL comes from: the constructor of a program's subclass may take anything. */
function platformClass(request: Request): typeof Request {
  let found = request.constructor;
  let prototype = Object.getPrototypeOf(request) as object | null;
  while (prototype) {
    if (Object.hasOwn(prototype, 'url')) found = prototype.constructor;
    prototype = Object.getPrototypeOf(prototype) as object | null;
  }
  return found as typeof Request;
}

function standardParts(request: Request): object {
  const { cache, credentials, integrity, keepalive, mode, referrer, referrerPolicy } = request;
  return { cache, credentials, integrity, keepalive, mode, referrer, referrerPolicy };
}

/** What a Request has beyond the standard: a framework's properties, node-fetch's agent, Node's dispatcher. */
function ownParts(request: Request): object {
  const key = Object.getOwnPropertySymbols(request).find(
    ({ description }) => description === 'dispatcher',
  );
  const dispatcher: unknown = key && Reflect.get(request, key);
  return { ...namedProperties(request), ...(dispatcher ? { dispatcher } : undefined) };
}

function namedProperties(request: Request): object {
  return Object.fromEntries(Object.entries(request));
}

/** Gives a Request the class of another, and what a program has put on that one. */
function imitate(given: Request, made: Request): void {
  const prototype = Object.getPrototypeOf(given) as object;
  if (Object.getPrototypeOf(made) !== prototype) Object.setPrototypeOf(made, prototype);
  for (const key of Reflect.ownKeys(given)) {
    const property = Object.getOwnPropertyDescriptor(given, key);
    // The platform's own properties are there already.
    if (property && !Object.hasOwn(made, key)) Object.defineProperty(made, key, property);
  }
}

/** The standard members, which fetch finds on an init that inherits them too, such as a Request. */
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
  ...['referrer', 'referrerPolicy'],
]);

/** The members of an init that the inner fetch has to see beside the Request. */
function beyondRequest(init: RequestInit): RequestInit | undefined {
  const rest = Object.entries(init).filter(([name]) => !inRequest.has(name));
  return rest.length > 0 ? Object.fromEntries(rest) : undefined;
}

/** The headers as they are now, in the caller's form and case. */
function copyOf(headers: HeadersLike): HeadersLike {
  if (headers === undefined) return undefined;
  return Object.getPrototypeOf(headers) === Object.prototype
    ? { ...(headers as Record<string, string>) }
    : new Headers(headers);
}

const normalizedMethods = new Set(['DELETE', 'GET', 'HEAD', 'OPTIONS', 'POST', 'PUT']);

/** The method as the Fetch standard writes it: others than these stay as the caller wrote them. */
function normalMethod(method: string | undefined): string {
  if (method === undefined) return 'GET';
  const upper = method.toUpperCase();
  return normalizedMethods.has(upper) ? upper : method;
}

/** By tag as well: undici's own Request is another class than the global one. */
function isRequest(input: unknown): input is Request {
  if (typeof input === 'string') return false;
  return input instanceof Request || Object.prototype.toString.call(input) === '[object Request]';
}
