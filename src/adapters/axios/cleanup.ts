import { errorMonitor } from 'node:events';
import type { AxiosConfigLike, AxiosResponseLike } from './types.js';

const deepestCause = 5;

/** A response as the caller may see it: his own config on it, and the sent request out of sight. */
export function cleanResponse(
  response: AxiosResponseLike,
  config: AxiosConfigLike,
): AxiosResponseLike {
  response.config = config;
  hideRequest(response);
  // A stream of the http adapter leads to the request that was sent, by several ways.
  const { data } = response;
  if (isStream(data)) {
    for (const hide of streamHiders) hide(data);
    // A limit of length fails while the caller reads, with an error of axios.
    data.on?.(errorMonitor, (error) => cleanError(error, config));
  } else if (data instanceof ReadableStream && Number(config.maxContentLength) > -1) {
    response.data = cleanStream(data, config);
  }
  return response;
}

/** The same for the errors of a web stream. */
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

/** The same for an error, its response and its causes. */
export function cleanError(error: unknown, config: AxiosConfigLike, depth = 0): unknown {
  if (!isObject(error)) return error;
  if ('config' in error) error.config = config;
  hideRequest(error);
  // axios counts, and its fetch adapter tells, only the time that was left after the wait for a token.
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

// eslint-disable-next-line @typescript-eslint/no-extraneous-class -- what returns an object can give it private fields
class Given {
  constructor(object: object) {
    return object;
  }
}

/**
 * Makes what keeps a property readable, but out of JSON and of inspection, hidden properties included: its
 * value moves into a private field of its owner.
 */
function hider(name: string): (owner: object) => void {
  class Hidden extends Given {
    #value: unknown;

    static readonly property: PropertyDescriptor & ThisType<Hidden> = {
      // Not there on what only stands for the owner, such as a proxy.
      get() {
        return #value in this ? this.#value : undefined;
      },
      set(value: unknown) {
        if (#value in this) this.#value = value;
      },
      enumerable: false,
      configurable: true,
    };

    constructor(owner: object) {
      super(owner);
      this.#value = owner[name as keyof object];
    }

    static hides(owner: object): boolean {
      return #value in owner;
    }
  }

  return (owner) => {
    if (!Object.hasOwn(owner, name) || Hidden.hides(owner)) return;
    new Hidden(owner);
    Reflect.defineProperty(owner, name, Hidden.property);
  };
}

const hideRequest = hider('request');
const streamHiders = ['req', 'socket', 'client'].map(hider);

interface Stream {
  on?(event: typeof errorMonitor, listener: (error: unknown) => void): void;
}

function isStream(value: unknown): value is Stream {
  return isObject(value) && typeof value.pipe === 'function';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
