// Compiled only: axios, ky and the platform's fetch.
import axios from 'axios';
import type { KyInstance } from 'ky';
import type { TokenManager } from 'tt-token-manager';
import { authenticateAxios } from 'tt-token-manager/axios';
import { authenticateFetch } from 'tt-token-manager/fetch';
import { authenticateKy, kyHooks } from 'tt-token-manager/ky';

/** Each client as it is. */
export async function useClients(manager: TokenManager, ky: KyInstance): Promise<number> {
  const detach: () => void = authenticateAxios(axios.create(), manager);
  detach();
  const wrapped: KyInstance = authenticateKy(ky, manager);
  const hooked: KyInstance = ky.extend({ hooks: kyHooks(manager) });
  const send: typeof fetch = authenticateFetch(fetch, manager);
  await wrapped.get('https://x.y');
  await hooked.get('https://x.y');
  return (await send('https://x.y')).status;
}

// @ts-expect-error: fetch is no axios instance, so these are no loose types
authenticateAxios(fetch, {} as TokenManager);
