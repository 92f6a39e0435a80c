import type { TokenManager } from 'tt-token-manager';
import { authenticateFetch, type AdapterOptions } from 'tt-token-manager/fetch';

type PlatformFetch = typeof globalThis.fetch;

/** In all the forms that fetch takes. */
export async function useFetch(manager: TokenManager): Promise<number> {
  const send: PlatformFetch = authenticateFetch(fetch, manager);
  const response: Response = await send('https://x.y', { method: 'POST', body: 'text' });
  await send(new URL('https://x.y'));
  await send(new Request('https://x.y'));
  const options: AdapterOptions = { isTokenRejected: ({ url }) => url === '' };
  authenticateFetch(globalThis.fetch, manager, options);
  // @ts-expect-error -- no token manager
  authenticateFetch(fetch, {});
  return response.status;
}
