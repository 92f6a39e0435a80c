import type { AxiosResponse } from 'axios';
import { inspect } from 'node:util';
import type { Case } from './cases.js';
import type { Arrival } from './echo-server.js';

/** What the caller of a client sees, in a form that can be compared. */
export interface Seen {
  readonly response?: object;
  readonly body?: object;
  readonly error?: object;
  /** What axios told the caller's `beforeRedirect`. */
  readonly redirects?: readonly object[];
}

type Pairs = readonly (readonly [name: string, value: unknown])[];

/** What shows of a response of fetch; not its `type`, which the platform alone can set. */
export function seenOfFetch(response: Response): object {
  const { status, statusText, ok, redirected, url, body } = response;
  return {
    ...{ status, statusText, ok, redirected, url: withoutRequestId(url), hasBody: body !== null },
    headers: comparable([...response.headers]),
  };
}

/** What shows of a response of axios; not its `request`, which the adapter keeps out of sight. */
export function seenOfAxios(response: AxiosResponse, sent: object | undefined): object {
  const { status, statusText, headers, config } = response;
  const request = response.request as { res?: { responseUrl?: string } } | undefined;
  return {
    ...{ status, statusText, keys: keysOf(response) },
    url: withoutRequestId(request?.res?.responseUrl),
    headers: comparable(Object.entries(headers)),
    config: seenOfConfig(config),
    hasOwnConfig: config === sent,
  };
}

/** What shows of anything thrown; `sent` is the config that axios was to send. */
export function seenOfError(error: unknown, sent?: object, signal?: AbortSignal): object {
  if (!(error instanceof Error)) return { thrown: inspect(error) };
  const { name, message, code, status, cause, config, response, request, data } = error as Error &
    Record<string, unknown>;
  return {
    ...{ class: error.constructor.name, name, code, status, data, keys: keysOf(error) },
    // Where there is no body to check, undici's error has no message.
    message: message || 'integrity mismatch',
    isReason: error === signal?.reason,
    ...(config !== undefined && {
      config: seenOfConfig(config),
      hasOwnConfig: config === sent,
    }),
    ...(config === undefined &&
      request instanceof Request && {
        request: [request.method, request.url, comparable([...request.headers])],
      }),
    ...(response instanceof Response && { response: seenOfFetch(response) }),
    ...(isAxiosResponse(response) && {
      response: seenOfAxios(response, sent),
      data: seenOfBody(response.data),
    }),
    ...(cause !== undefined && { cause: seenOfError(cause, sent) }),
  };
}

/** What shows of a body, or of the failure to read it. */
export async function seenOfReading(
  read: () => unknown,
  onError: (error: unknown) => object,
): Promise<object> {
  try {
    return seenOfBody(await read());
  } catch (error) {
    return { error: onError(error) };
  }
}

/** What shows of a body that has been read. */
export function seenOfBody(body: unknown): object {
  if (body instanceof ArrayBuffer)
    return { type: 'ArrayBuffer', text: Buffer.from(body).toString('latin1') };
  if (Buffer.isBuffer(body)) return { type: 'Buffer', text: body.toString('latin1') };
  const isStream = typeof body === 'object' && body !== null && Symbol.asyncIterator in body;
  return { type: typeof body, value: isStream ? 'a stream' : body };
}

/** Headers by their names in lower case and in their order; without ours, and what is of the moment. */
export function comparable(headers: Pairs): Pairs {
  return headers
    .map(([name, value]) => [name.toLowerCase(), value] as const)
    .filter(([name]) => !/^(authorization|x-api-key|date|keep-alive)$/.test(name))
    .map(([name, value]) => [name, withoutBoundary(value)] as const)
    .sort(([name], [other]) => (name < other ? -1 : Number(name > other)));
}

/** What came to the server. */
export function seenOfArrival(
  { host, method, target, headers, body }: Arrival,
  asked: Case,
): object {
  // The adapter reads 1 MiB of a Request's stream, to send it again, and so knows the length of a shorter one.
  const isFraming = (name: string): boolean =>
    asked.body.kind === 'stream' && /^(content-length|transfer-encoding)$/.test(name);
  const boundary = /^--(?<boundary>[\w.-]+)\r\n/.exec(body)?.groups?.boundary;
  return {
    ...{ host, method, target: withoutRequestId(target) },
    headers: comparable(headers).filter(([name]) => !isFraming(name)),
    body: boundary === undefined ? body : body.replaceAll(boundary, 'boundary'),
  };
}

/** Forms have another boundary each time. */
function withoutBoundary(value: unknown): unknown {
  return typeof value === 'string' ? value.replace(/boundary=[\w.-]+/, 'boundary') : value;
}

/** A URL without our request ID, which stands at the end, or before what axios appends to it. */
export function withoutRequestId(url: string | undefined): string | undefined {
  const id = /requestId=Bare-Wrapped--[\da-f-]{36}/.source;
  return url?.replace(new RegExp(`(?<=[?&])${id}&`), '').replace(new RegExp(`[?&]${id}`), '');
}

/**
 * A config without the adapter, which is ours, our transform, which stays where axios gives up before it, and the
 * headers that the bare adapter writes into it.
 */
function seenOfConfig(config: unknown): string {
  const { adapter, headers, data, cancelToken, signal, httpAgent, ...others } = config as Record<
    string,
    unknown
  >;
  const transformRequest = (others.transformRequest as readonly { name: string }[]).filter(
    ({ name }) => name !== 'wrapChosen',
  );
  const rest = { ...others, transformRequest };
  const own = comparable(Object.entries(headers as object)).filter(
    ([name]) => !/^(user-agent|content-length|accept-encoding|content-type)$/.test(name),
  );
  const given = [adapter, cancelToken, signal, httpAgent].map((part) => part !== undefined);
  const sent = typeof data === 'string' ? data : Object.prototype.toString.call(data);
  return inspect([rest, own, given, sent], { depth: 4, sorted: true });
}

function isAxiosResponse(value: unknown): value is AxiosResponse {
  return typeof value === 'object' && value !== null && 'config' in value;
}

function keysOf(value: object): string[] {
  return Object.keys(value)
    .filter((key) => key !== 'request')
    .sort();
}
