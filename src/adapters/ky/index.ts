import { authenticateFetch } from '../fetch/index.js';
import type { AdapterOptions } from '../shared/options.js';
import type { TokenManager } from '../../manager/token-manager.js';

export type { AdapterOptions, Attempt, RejectableResponse } from '../shared/options.js';
export { kyHooks, type KyHooks, type KyHookState } from './hooks.js';

/** The part of a ky instance, of ky 1.5 to 2, that the adapter uses. */
export interface KyLike {
  /** Makes an instance with further options. */
  extend(options: (defaults: { fetch?: typeof globalThis.fetch | undefined }) => object): unknown;
}

/**
 * Makes a ky instance whose every attempt, its own retries included, carries the current token, the app key
 * and a new request ID; hooks, retries, timeouts and `extend` keep working, and the given instance stays as
 * it was.
 * @throws TypeError for a wrong option
 */
export function authenticateKy<Ky extends KyLike>(
  ky: Ky,
  manager: TokenManager,
  options?: AdapterOptions,
): Ky {
  const platformFetch: typeof globalThis.fetch = (input, init) => globalThis.fetch(input, init);
  return ky.extend(({ fetch = platformFetch }) => ({
    fetch: authenticateFetch(fetch, manager, options),
  })) as Ky;
}
