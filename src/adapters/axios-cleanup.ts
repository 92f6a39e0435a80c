import type { AxiosConfigLike, AxiosResponseLike } from './axios-types.js';

const deepestCause = 5;

/** A response as the caller may see it: his own config on it, and the sent request out of sight. */
export function cleanResponse(
  response: AxiosResponseLike,
  config: AxiosConfigLike,
): AxiosResponseLike {
  response.config = config;
  hide(response, 'request');
  if (isObject(response.data)) hide(response.data, 'req');
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
  const value: unknown = property.value;
  Object.defineProperty(owner, name, { get: () => value, enumerable: false, configurable: true });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
