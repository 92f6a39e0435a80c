import { errorMonitor } from 'node:events';
import { isWebStream } from '../shared/replayable.js';
import type { AxiosConfigLike, AxiosResponseLike } from './types.js';

const deepestCause = 5;

/** Makes a response safe to log: it gets the caller's own config, and the sent request is hidden. */
export function cleanResponse(
  response: AxiosResponseLike,
  config: AxiosConfigLike,
): AxiosResponseLike {
  response.config = config;
  hide(response, 'request');
  // A stream of the http adapter refers to the sent request in several places.
  const { data } = response;
  if (isStream(data)) {
    for (const name of ['req', 'socket', 'client']) hide(data, name);
    // maxContentLength fails while the caller reads, with an error of axios.
    data.on?.(errorMonitor, (error) => cleanError(error, config));
  } else if (isWebStream(data) && Number(config.maxContentLength) > -1) {
    response.data = cleanStream(data, config);
  }
  return response;
}

/** Does the same for the errors of a web stream. */
function cleanStream(stream: ReadableStream, config: AxiosConfigLike): ReadableStream {
  const reader = stream.getReader() as ReadableStreamDefaultReader<unknown>;
  return new ReadableStream(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (done) controller.close();
          else controller.enqueue(value);
        } catch (error) {
          controller.error(cleanError(error, config));
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}

/** Does the same for an error, its response and its causes. */
export function cleanError(error: unknown, config: AxiosConfigLike, depth = 0): unknown {
  if (!isObject(error)) return error;
  if ('config' in error) error.config = config;
  hide(error, 'request');
  // axios counts, and its fetch adapter shows, only the time left after the wait for a token.
  if (error.code === 'ECONNABORTED' || error.code === 'ETIMEDOUT')
    error.message = String(error.message).replace(
      /^timeout of \d+ms/,
      () => `timeout of ${config.timeout ?? 0}ms`,
    );
  if (isObject(error.response))
    cleanResponse(error.response as unknown as AxiosResponseLike, config);
  if (depth < deepestCause) cleanError(error.cause, config, depth + 1);
  return error;
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
