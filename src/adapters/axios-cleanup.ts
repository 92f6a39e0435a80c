import type { AxiosConfigLike, AxiosResponseLike } from './axios-types.js';

const deepestCause = 5;

/** A response as the caller may see it: his own config on it, and the sent request out of sight. */
export function cleanResponse(
  response: AxiosResponseLike,
  config: AxiosConfigLike,
): AxiosResponseLike {
  response.config = config;
  hide(response, 'request');
  // A stream of the http adapter leads to the request that was sent, by several ways.
  if (isStream(response.data))
    for (const name of ['req', 'socket', 'client']) hide(response.data, name);
  return response;
}

/** The same for an error, its response and its causes. */
export function cleanError(error: unknown, config: AxiosConfigLike, depth = 0): unknown {
  if (!isObject(error)) return error;
  if ('config' in error) error.config = config;
  hide(error, 'request');
  // axios counts, and its fetch adapter tells, only the time that was left after the wait for a token.
  if (error.code === 'ECONNABORTED' || error.code === 'ETIMEDOUT')
    error.message = String(error.message).replace(
      /^timeout of \d+ms/,
      `timeout of ${config.timeout ?? 0}ms`,
    );
  if (isObject(error.response))
    cleanResponse(error.response as unknown as AxiosResponseLike, config);
  if (depth < deepestCause) cleanError(error.cause, config, depth + 1);
  return error;
}

/** Keeps a property readable, but out of JSON and of inspection, hidden properties included. */
function hide(owner: object, name: string): void {
  const property = Object.getOwnPropertyDescriptor(owner, name);
  if (!property || property.get || property.configurable === false) return;
  let value: unknown = property.value;
  Object.defineProperty(owner, name, {
    get: () => value,
    set: (next: unknown) => void (value = next),
    enumerable: false,
    configurable: true,
  });
}

function isStream(value: unknown): value is object {
  return isObject(value) && typeof value.pipe === 'function';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
