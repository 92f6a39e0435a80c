// Compiled only: a CommonJS file, where ky and node-fetch, which are ES modules, cannot be imported as types.
import axios = require('axios');
import manager = require('tt-token-manager');
import forAxios = require('tt-token-manager/axios');
import forFetch = require('tt-token-manager/fetch');
import forKy = require('tt-token-manager/ky');
import undici = require('undici');

/** Each client as it is; ky as a function that is given one. */
export function useClients(
  options: manager.TokenManagerOptions,
  ky: Parameters<typeof forKy.authenticateKy>[0],
): readonly unknown[] {
  const shared: manager.TokenManager = manager.createTokenManager(options);
  const detach: () => void = forAxios.authenticateAxios(axios.create(), shared);
  const send: typeof fetch = forFetch.authenticateFetch(fetch, shared);
  const wrapped = forFetch.authenticateFetch(undici.fetch, shared);
  return [detach, send, wrapped, forKy.authenticateKy(ky, shared), forKy.kyHooks(shared)];
}
