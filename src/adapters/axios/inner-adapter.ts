import axios from 'axios';
import type { AxiosAdapterLike, AxiosConfigLike } from './types.js';

// axios before 1.12 takes no second argument.
const getAdapter = axios.getAdapter as unknown as (
  adapter: unknown,
  config?: AxiosConfigLike,
) => AxiosAdapterLike;

/** The function behind an adapter's name, or the first that runs here of a list of names. */
export function resolveAdapter(adapter: unknown, config: AxiosConfigLike): AxiosAdapterLike {
  if (typeof adapter === 'function') return adapter as AxiosAdapterLike;
  return getAdapter(adapter ?? axios.defaults.adapter, config);
}

/** axios's own adapter over Node's http, the only one that is known to ask before each redirect. */
export const httpAdapter = isOldAxios() ? undefined : getAdapter('http');

/** axios got its adapters by name in 1.2, `getAdapter` in 1.5 and all else that is needed in 1.6. */
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
