import axios from 'axios';
import type { AxiosAdapterLike, AxiosConfigLike } from './types.js';

// axios before 1.12 takes no second argument.
const getAdapter = axios.getAdapter as unknown as (
  adapter: unknown,
  config: AxiosConfigLike,
) => AxiosAdapterLike;

/** The function behind an adapter's name, or the first that runs here of a list of names. */
export function resolveAdapter(adapter: unknown, config: AxiosConfigLike): AxiosAdapterLike {
  if (typeof adapter === 'function') return adapter as AxiosAdapterLike;
  return getAdapter(adapter ?? axios.defaults.adapter, config);
}

const known = new WeakMap<AxiosAdapterLike, boolean>();

/** Tells whether an adapter is axios's own one over fetch, which came with 1.7. */
export function isFetchAdapter(adapter: AxiosAdapterLike, config: AxiosConfigLike): boolean {
  const answer = known.get(adapter);
  if (answer !== undefined) return answer;
  const isIt = isFetchAdapterOf(config, adapter);
  known.set(adapter, isIt);
  return isIt;
}

function isFetchAdapterOf(config: AxiosConfigLike, adapter: AxiosAdapterLike): boolean {
  try {
    return adapter === getAdapter('fetch', config);
  } catch {
    return false;
  }
}
