// Server only. One manager a process: Next.js bundles this module more than once, and `next dev` loads it anew at each
// change, so it is kept beside the modules. Made when it is used first: a build needs no secret.
import { unstable_cache } from 'next/cache';
import { createTokenManager, optionsFromEnv } from 'tt-token-manager';
import { authenticateFetch } from 'tt-token-manager/fetch';

const place = Symbol.for('my-app.tt');

function create() {
  const manager = createTokenManager(optionsFromEnv());
  // Next.js changes the global fetch: it is looked up at each call.
  return { manager, fetch: authenticateFetch((input, init) => fetch(input, init), manager) };
}

export const tt = () => (globalThis[place] ??= create());

async function fetchMarkets() {
  const { manager, fetch } = tt();
  const response = await fetch(manager.apiUrl('ttpds', 'markets'));
  if (!response.ok) throw new Error(`markets: ${response.status}`);
  return (await response.json()).markets;
}

// Above the fetch. The cache of fetch itself would never hit: each request ID makes another URL.
export const getMarkets = unstable_cache(fetchMarkets, ['tt-markets'], { revalidate: 60 });
