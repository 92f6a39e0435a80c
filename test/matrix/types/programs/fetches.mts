// Compiled only: undici's own fetch, node-fetch and functions around them, without a cast.
import type nodeFetch from 'node-fetch';
import { createTokenManager, type TokenManager, type TokenManagerOptions } from 'tt-token-manager';
import { authenticateFetch } from 'tt-token-manager/fetch';
import { Agent, fetch as undiciFetch } from 'undici';

type NodeFetch = typeof nodeFetch;

/** In the option `fetch`: the functions themselves, and functions around them. */
export function useOption(options: TokenManagerOptions, other: NodeFetch): void {
  createTokenManager({ ...options, fetch });
  createTokenManager({ ...options, fetch: undiciFetch });
  createTokenManager({ ...options, fetch: other });
  const dispatcher = new Agent();
  createTokenManager({
    ...options,
    fetch: (input: Parameters<typeof undiciFetch>[0], init?: Parameters<typeof undiciFetch>[1]) =>
      undiciFetch(input, { ...init, dispatcher }),
  });
  createTokenManager({
    ...options,
    fetch: (url: Parameters<NodeFetch>[0], init?: Parameters<NodeFetch>[1]) =>
      other(url, { ...init, compress: false }),
  });
}

/** With an adapter: each gets its own types back. */
export async function useAdapter(manager: TokenManager, other: NodeFetch): Promise<unknown> {
  const byUndici = authenticateFetch(undiciFetch, manager);
  const byNodeFetch = authenticateFetch(other, manager);
  const dispatcher = new Agent();
  const around = authenticateFetch(
    (input: Parameters<typeof undiciFetch>[0], init?: Parameters<typeof undiciFetch>[1]) =>
      undiciFetch(input, { ...init, dispatcher }),
    manager,
  );
  await around('https://x.y', { dispatcher });
  const response: Awaited<ReturnType<typeof undiciFetch>> = await byUndici('https://x.y', {
    dispatcher,
  });
  const body: NodeJS.ReadableStream | null = (await byNodeFetch('https://x.y', { size: 1 })).body;
  return [response.status, body];
}
