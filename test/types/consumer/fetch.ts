import { createTokenManager, type TokenManager, type TokenManagerOptions } from 'tt-token-manager';
import { authenticateFetch, type AdapterOptions } from 'tt-token-manager/fetch';
import { Agent, fetch as undiciFetch } from 'undici';

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

/** Another fetch, and functions around it, without a cast. */
export async function useUndici(manager: TokenManager, options: TokenManagerOptions) {
  const dispatcher = new Agent();
  createTokenManager({ ...options, fetch: undiciFetch });
  createTokenManager({
    ...options,
    fetch: (url, init) => undiciFetch(url, { ...init, dispatcher }),
  });
  const send: typeof undiciFetch = authenticateFetch(undiciFetch, manager);
  await send('https://x.y', { dispatcher });
  const around = authenticateFetch(
    (input, init) => undiciFetch(input, { ...init, dispatcher }),
    manager,
  );
  // @ts-expect-error -- no fetch
  authenticateFetch((url: string) => url, manager);
  return around('https://x.y');
}
