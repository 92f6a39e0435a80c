import { authenticateFetch } from 'tt-token-manager/fetch';
import { baseUrl, manager } from './manager.js';

const authenticated = authenticateFetch(fetch, manager);

/** What orval's functions send by. */
export async function send<T>(url: string, options?: RequestInit): Promise<T> {
  const response = await authenticated(`${baseUrl}${url}`, options);
  return { data: await response.json(), status: response.status, headers: response.headers } as T;
}
