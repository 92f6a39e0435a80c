import { createTokenManager, optionsFromEnv } from 'tt-token-manager';
import { authenticateFetch } from 'tt-token-manager/fetch';

// One for all that this server answers, also where Next.js loads this module twice: they share the token's file.
const manager = createTokenManager(optionsFromEnv());
const send = authenticateFetch(fetch, manager);

/** The names of the markets, by Next's own fetch. */
export async function marketNames(options) {
  const response = await send(manager.apiUrl('ttpds', 'markets'), options);
  const { markets } = await response.json();
  return markets.map(({ name }) => name).join(' ');
}
