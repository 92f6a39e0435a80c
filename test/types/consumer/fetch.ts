import type { TokenManager } from 'tt-token-manager';
import { authenticateFetch, type AdapterOptions } from 'tt-token-manager/fetch';
import type { Exact } from './exact.js';

type PlatformFetch = typeof globalThis.fetch;

export const signature: Exact<
  typeof authenticateFetch,
  (fetch: PlatformFetch, manager: TokenManager, options?: AdapterOptions) => PlatformFetch
> = true;

/** In all the forms that fetch takes. */
export async function useFetch(manager: TokenManager): Promise<number> {
  const send: PlatformFetch = authenticateFetch(fetch, manager);
  const response: Response = await send('https://x.y', { method: 'POST', body: 'text' });
  await send(new URL('https://x.y'));
  await send(new Request('https://x.y'));
  authenticateFetch(globalThis.fetch, manager, { isTokenRejected: ({ url }) => url === '' });
  // @ts-expect-error -- no token manager
  authenticateFetch(fetch, {});
  return response.status;
}
