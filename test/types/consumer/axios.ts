import axios, { type AxiosInstance } from 'axios';
import type { TokenManager } from 'tt-token-manager';
import { authenticateAxios, type AdapterOptions } from 'tt-token-manager/axios';

/** A plain instance, a callable one with defaults, and the options. */
export function useAxios(manager: TokenManager): void {
  const instance: AxiosInstance = axios.create({ timeout: 1_000 });
  const detach: () => void = authenticateAxios(instance, manager);
  const options: AdapterOptions = {
    isTokenRejected: async ({ status, headers, url }) =>
      Promise.resolve(status === 401 && headers.get('x-reason') !== null && url !== ''),
  };
  authenticateAxios(axios, manager, options);
  authenticateAxios(axios.create(), manager, { isTokenRejected: ({ status }) => status === 403 });
  // @ts-expect-error -- no axios instance
  authenticateAxios(fetch, manager);
  // @ts-expect-error -- no token manager
  authenticateAxios(instance, {});
  detach();
}
