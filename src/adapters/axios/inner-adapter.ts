import axios from 'axios';
import { copyOf } from './attempt.js';
import { classOf, copyOfHeaders } from './headers.js';
import { responseOf } from './outcome.js';
import type { AxiosAdapterLike, AxiosConfigLike, AxiosResponseLike } from './types.js';

// axios before 1.12 takes no second argument.
const getAdapter = axios.getAdapter as unknown as (
  adapter: unknown,
  config?: AxiosConfigLike,
) => AxiosAdapterLike;

/** Returns the function of an adapter's name, or of the first name of a list that runs here. */
export function resolveAdapter(adapter: unknown, config: AxiosConfigLike): AxiosAdapterLike {
  if (typeof adapter === 'function') return adapter as AxiosAdapterLike;
  const ours = getAdapter(adapter ?? axios.defaults.adapter, config);
  if (config.headers instanceof axios.AxiosHeaders) return ours;
  return (ours === httpAdapter && httpForOthers) || forOthers(ours);
}

const httpAdapter = findHttpAdapter();
const httpForOthers = httpAdapter && forOthers(httpAdapter);

/** The build for browsers, which Jest takes for jsdom too, has no http adapter. */
function findHttpAdapter(): AxiosAdapterLike | undefined {
  try {
    return getAdapter('http');
  } catch {
    return undefined;
  }
}

/** Returns whether an adapter is axios's own http adapter, the only one known to call `beforeRedirect`. */
export function isHttpAdapter(adapter: AxiosAdapterLike): boolean {
  return adapter === httpAdapter || adapter === httpForOthers;
}

/** Returns an adapter of ours for the configs of another copy of axios, whose caller gets that one's headers. */
function forOthers(inner: AxiosAdapterLike): AxiosAdapterLike {
  return async (config) => {
    const Class = classOf(config.headers);
    const headers = copyOfHeaders(config.headers, axios.AxiosHeaders);
    const translate = (response: AxiosResponseLike): AxiosResponseLike =>
      Object.assign(response, { headers: copyOfHeaders(response.headers, Class) });
    try {
      return translate(await inner(copyOf(config, { headers })));
    } catch (error) {
      const response = responseOf({ error });
      if (response) translate(response);
      throw error;
    }
  };
}

/** axios has had adapter names since 1.2, `getAdapter` since 1.5 and all else that is needed since 1.6. */
function isOldAxios(): boolean {
  return typeof (axios.getAdapter as unknown) !== 'function';
}

/**
 * Checks the installed axios.
 * @throws TypeError naming its version, where it is too old.
 */
export function checkAxios(): void {
  if (!isOldAxios()) return;
  throw new TypeError(`authenticateAxios needs axios 1.6 or newer (this is ${axios.VERSION})`);
}
