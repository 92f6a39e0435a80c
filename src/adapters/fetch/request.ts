import type { HeadersLike } from '../shared/headers.js';
import { isReplayable } from '../shared/replayable.js';

/** The parts of a fetch call that the adapter has to know, whatever form the call had. */
export interface FetchRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: HeadersLike;
  readonly body: RequestInit['body'];
  readonly redirect: NonNullable<RequestInit['redirect']>;
  readonly signal: AbortSignal | undefined;
  readonly canReplay: boolean;
  /** Everything else the caller asked for. */
  readonly init: RequestInit | undefined;
}

/** A Request's body is a stream: as much of it is kept to be sent again. */
const longestKeptBody = 1_048_576;

/** The URL of a fetch call. */
export function urlOf(input: string | URL | Request): string {
  return isRequest(input) ? input.url : String(input);
}

/** Reads a fetch call; one that brings a Request has to be waited for. */
export function readFetchRequest(
  input: string | URL | Request,
  init: RequestInit | undefined,
): FetchRequest | Promise<FetchRequest> {
  if (isRequest(input)) return readRequest(input, init);
  return {
    url: String(input),
    method: normalMethod(init?.method),
    headers: init?.headers,
    body: init?.body,
    redirect: init?.redirect ?? 'follow',
    signal: init?.signal ?? undefined,
    canReplay: isReplayable(init?.body),
    init,
  };
}

function readRequest(input: Request, init: RequestInit = {}): FetchRequest | Promise<FetchRequest> {
  const OwnRequest = input.constructor as typeof Request;
  const isComplete = Object.keys(init).length === 0 && !input.bodyUsed;
  const request = isComplete ? input : new OwnRequest(input, init);
  const stream = request.body;
  if (!stream) return readParts(request, init, { body: null, canReplay: true });
  return readBody(stream).then((body) => readParts(request, init, body));
}

function readParts(
  request: Request,
  init: RequestInit,
  { body, canReplay }: KeptBody,
): FetchRequest {
  const { url, method, headers, redirect, signal } = request;
  const { cache, credentials, integrity, keepalive, mode, referrer, referrerPolicy } = request;
  return {
    url,
    method,
    headers: Object.fromEntries(headers),
    body,
    redirect,
    signal,
    canReplay,
    init: {
      ...init,
      ...{ cache, credentials, integrity, keepalive, mode, referrer, referrerPolicy },
      ...(body instanceof ReadableStream && { duplex: 'half' }),
    },
  };
}

const normalizedMethods = new Set(['DELETE', 'GET', 'HEAD', 'OPTIONS', 'POST', 'PUT']);

/** The method as the Fetch standard writes it: others than these stay as the caller wrote them. */
function normalMethod(method: string | undefined): string {
  if (method === undefined) return 'GET';
  const upper = method.toUpperCase();
  return normalizedMethods.has(upper) ? upper : method;
}

type KeptBody = Pick<FetchRequest, 'body' | 'canReplay'>;

/** The whole body where it is short, else a stream of all of it that can be read once. */
async function readBody(stream: NonNullable<Request['body']>): Promise<KeptBody> {
  const reader = stream.getReader() as ReadableStreamDefaultReader<Uint8Array>;
  const chunks: Uint8Array[] = [];
  let length = 0;
  while (length <= longestKeptBody) {
    const { done, value } = await reader.read();
    if (done) return { body: Buffer.concat(chunks), canReplay: true };
    chunks.push(value);
    length += value.byteLength;
  }
  const rest = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const chunk = chunks.shift();
      if (chunk) {
        controller.enqueue(chunk);
        return;
      }
      const { done, value } = await reader.read();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  });
  return { body: rest, canReplay: false };
}

/** By tag as well: undici's own Request is another class than the global one. */
function isRequest(input: unknown): input is Request {
  if (typeof input === 'string') return false;
  return input instanceof Request || Object.prototype.toString.call(input) === '[object Request]';
}
