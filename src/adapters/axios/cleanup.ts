import { errorMonitor } from 'node:events';
import { isWebStream, webStream, type Chunk } from '../shared/streams.js';
import type { AxiosConfigLike, AxiosResponseLike } from './types.js';

const deepestCause = 5;

/** Makes a response safe to log: it gets the caller's own config, and the sent request is hidden. */
export function cleanResponse(
  response: AxiosResponseLike,
  config: AxiosConfigLike,
): AxiosResponseLike {
  Reflect.set(response, 'config', config);
  hide(response, 'request');
  // A stream of the http adapter refers to the sent request in several places.
  const { data } = response;
  if (isStream(data)) {
    for (const name of ['req', 'socket', 'client']) hide(data, name);
    // maxContentLength fails while the caller reads, with an error of axios.
    data.on?.(errorMonitor, (error) => cleanError(error, config));
  } else if (isWebStream(data) && Number(config.maxContentLength) > -1) {
    Reflect.set(response, 'data', cleanStream(data, config));
  }
  return response;
}

/** Does the same for the errors of a web stream. */
function cleanStream(stream: ReadableStream, config: AxiosConfigLike): ReadableStream {
  const reader = stream.getReader() as ReadableStreamDefaultReader<unknown>;
  const read = (): Promise<Chunk> =>
    reader.read().catch((error: unknown) => {
      throw cleanError(error, config);
    });
  return webStream(read, (reason) => reader.cancel(reason));
}

/** Does the same for an error, its response and its causes. */
export function cleanError(error: unknown, config: AxiosConfigLike, depth = 0): unknown {
  if (!isObject(error)) return error;
  if ('config' in error) Reflect.set(error, 'config', config);
  hide(error, 'request');
  // axios counts, and its fetch adapter shows, only the time left after the wait for a token.
  if (error.code === 'ECONNABORTED' || error.code === 'ETIMEDOUT')
    Reflect.set(error, 'message', withTimeout(String(error.message), config));
  if (isObject(error.response))
    cleanResponse(error.response as unknown as AxiosResponseLike, config);
  if (depth < deepestCause) cleanError(error.cause, config, depth + 1);
  return error;
}

/** Versions of axios write `timeout of 275ms` and `timeout 275 of ms`. */
function withTimeout(message: string, { timeout = 0 }: AxiosConfigLike): string {
  return message.replace(/^(timeout (?:of )?)\d+(?=ms| of ms)/, (_, start) => `${start}${timeout}`);
}

/** Keeps a property out of JSON and `util.inspect`; it can still be read by name. */
function hide(owner: object, name: string): void {
  if (Object.hasOwn(owner, name)) Reflect.defineProperty(owner, name, { enumerable: false });
}

interface Stream {
  on?(event: typeof errorMonitor, listener: (error: unknown) => void): void;
}

function isStream(value: unknown): value is Stream {
  return isObject(value) && typeof value.pipe === 'function';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
