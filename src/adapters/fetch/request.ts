import type { HeadersLike } from '../shared/headers.js';
import { givenBody, requestBody, type CallBody } from './body.js';

/** The parts of a request that change from one attempt or hop to the next. */
export interface Attempt {
  readonly method: string;
  readonly headers: NonNullable<HeadersLike>;
  readonly body: NonNullable<RequestInit['body']> | null;
  readonly redirect: NonNullable<RequestInit['redirect']>;
}

/** The parts of a fetch call that the adapter has to know, whatever form the call had. */
export interface FetchRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: HeadersLike;
  readonly body: CallBody;
  readonly redirect: NonNullable<RequestInit['redirect']>;
  readonly signal: AbortSignal | undefined;
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
  given: RequestInit | undefined,
): FetchRequest | Promise<FetchRequest> {
  if (isRequest(input)) return readRequest(input, given);
  const init = given && { ...given };
  const signal = init?.signal ?? undefined;
  return {
    url: String(input),
    method: normalMethod(init?.method),
    headers: copyOf(init?.headers),
    body: givenBody(init?.body),
    redirect: init?.redirect ?? 'follow',
    signal,
    toCall: (url, attempt) => [url, { ...init, ...attempt, signal: signal ?? null }],
  };
}

async function readRequest(input: Request, init: RequestInit = {}): Promise<FetchRequest> {
  const OwnRequest = input.constructor as typeof Request;
  const isComplete = Object.keys(init).length === 0 && !input.bodyUsed;
  const request = isComplete ? input : new OwnRequest(input, init);
  const { url, method, headers, redirect, signal } = request;
  const parts = { ...ownParts(input), ...standardParts(request), signal };
  const rest = beyondRequest(init);
  return {
    ...{ url, method, redirect, signal },
    headers: Object.fromEntries(headers),
    body: await requestBody(request),
    toCall(target, attempt) {
      const duplex = attempt.body instanceof ReadableStream && { duplex: 'half' as const };
      const changed = new OwnRequest(target, { ...parts, ...attempt, ...duplex });
      copyOwnProperties(input, changed);
      return rest ? [changed, rest] : [changed];
    },
  };
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

/** Copies what a program has put on a Request; the platform's own properties are on the new one already. */
function copyOwnProperties(from: Request, to: Request): void {
  for (const key of Object.keys(from)) {
    const property = Object.getOwnPropertyDescriptor(from, key);
    if (property && !Object.hasOwn(to, key)) Object.defineProperty(to, key, property);
  }
}

const inRequest = new Set(['method', 'headers', 'body', 'duplex', 'redirect', 'signal', 'window']);

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
