// Compiled only: undici's own fetch, node-fetch and functions around them, without a cast.
import nodeFetch from 'node-fetch';
import nodeFetch2 from 'node-fetch-2';
import { createTokenManager, type TokenManager, type TokenManagerOptions } from 'tt-token-manager';
import { authenticateFetch } from 'tt-token-manager/fetch';
import { Agent, fetch as undiciFetch, type RequestInit as UndiciInit } from 'undici';
import { fetch as undici8Fetch } from 'undici-8';

type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : never;

const dispatcher = new Agent();
const aroundUndici = (input: Parameters<typeof undiciFetch>[0], init?: UndiciInit) =>
  undiciFetch(input, { ...init, dispatcher });
const withArguments = (...args: Parameters<typeof undiciFetch>) => undiciFetch(...args);
const ofText = (url: string, init: RequestInit) => fetch(url, init);
const aroundNodeFetch: typeof nodeFetch = (url, init) => nodeFetch(url, { ...init, size: 1 });
const aroundNodeFetch2 = (url: string, init?: Parameters<typeof nodeFetch2>[1]) =>
  nodeFetch2(url, { ...init, compress: false });

/** In the option `fetch`: the functions themselves, and functions around them, typed or not. */
export function useOption(options: TokenManagerOptions): void {
  createTokenManager({ ...options, fetch });
  createTokenManager({ ...options, fetch: undiciFetch });
  createTokenManager({ ...options, fetch: undici8Fetch });
  createTokenManager({ ...options, fetch: nodeFetch });
  createTokenManager({ ...options, fetch: nodeFetch2 });
  createTokenManager({ ...options, fetch: aroundUndici });
  createTokenManager({ ...options, fetch: withArguments });
  createTokenManager({ ...options, fetch: ofText });
  createTokenManager({ ...options, fetch: aroundNodeFetch });
  createTokenManager({ ...options, fetch: aroundNodeFetch2 });
  createTokenManager({ ...options, fetch: (url, init) => fetch(url, init) });
  createTokenManager({ ...options, fetch: (url, init) => nodeFetch(url, { ...init, size: 1 }) });
  createTokenManager({ ...options, fetch: (url, init) => nodeFetch2(url, { ...init, size: 1 }) });
  createTokenManager({ ...options, fetch: (url, init) => undici8Fetch(url, init) });
  createTokenManager({
    ...options,
    fetch: (url, init) => undiciFetch(url, { ...init, dispatcher }),
  });
  // @ts-expect-error: no response comes of it
  createTokenManager({ ...options, fetch: () => Promise.resolve('text') });
}

/** With an adapter: each gets its own type back. */
export function useAdapter(manager: TokenManager): readonly true[] {
  const platform = authenticateFetch(fetch, manager);
  const undici = authenticateFetch(undiciFetch, manager);
  const undici8 = authenticateFetch(undici8Fetch, manager);
  const node = authenticateFetch(nodeFetch, manager);
  const node2 = authenticateFetch(nodeFetch2, manager);
  const wrapped = authenticateFetch(aroundUndici, manager);
  const spread = authenticateFetch(withArguments, manager);
  const wrappedNode = authenticateFetch(aroundNodeFetch2, manager);
  const same: Same<typeof platform, typeof fetch> = true;
  const sameUndici: Same<typeof undici, typeof undiciFetch> = true;
  const sameUndici8: Same<typeof undici8, typeof undici8Fetch> = true;
  const sameNode: Same<typeof node, typeof nodeFetch> = true;
  const sameNode2: Same<typeof node2, typeof nodeFetch2> = true;
  const sameWrapped: Same<typeof wrapped, typeof aroundUndici> = true;
  const sameSpread: Same<typeof spread, typeof withArguments> = true;
  const sameWrappedNode: Same<typeof wrappedNode, typeof aroundNodeFetch2> = true;
  return [
    ...[same, sameUndici, sameUndici8, sameNode, sameNode2],
    ...[sameWrapped, sameSpread, sameWrappedNode],
  ];
}

/** What comes back takes and gives what it did, also of a function without types of its own. */
export async function callThem(manager: TokenManager): Promise<unknown> {
  const undici = authenticateFetch(undiciFetch, manager);
  const node = authenticateFetch(nodeFetch, manager);
  const untyped = authenticateFetch(
    (input, init) => undiciFetch(input, { ...init, dispatcher }),
    manager,
  );
  const untypedNode = authenticateFetch((input, init) => nodeFetch(input, init), manager);
  const text = authenticateFetch(ofText, manager);
  const platform: typeof fetch = authenticateFetch((input, init) => fetch(input, init), manager);
  const response: Awaited<ReturnType<typeof undiciFetch>> = await untyped(new URL('https://x.y'));
  const body: NodeJS.ReadableStream | null = (await node('https://x.y', { size: 1 })).body;
  await undici('https://x.y', { dispatcher });
  await untyped('https://x.y', { method: 'POST', body: 'text', headers: { a: 'b' } });
  await text('https://x.y');
  await platform(new Request('https://x.y'));
  // @ts-expect-error: no token manager
  authenticateFetch(undiciFetch, {});
  // @ts-expect-error: no fetch
  authenticateFetch((url: string) => url, manager);
  return [response.status, body, await untypedNode('https://x.y')];
}
