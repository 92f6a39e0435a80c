import axios, { type AxiosAdapter } from 'axios';
import axiosOldest from 'axios-oldest';
import { Agent as HttpAgent } from 'node:http';
import { Agent, fetch as undiciFetch } from 'undici';
import type { Version } from './axios-client.js';
import type { Case } from './cases.js';
import type { Client } from './client.js';

/** What a layer throws for a status, as many do: it has the answer. */
class StatusError extends Error {
  override readonly name = 'StatusError';

  constructor(readonly response: { readonly status: number }) {
    super(`status ${response.status}`);
  }
}

/** A fetch that throws for each status from 400 on. */
export async function throwingFetch(...args: Parameters<typeof fetch>): Promise<Response> {
  const response = await fetch(...args);
  if (response.status >= 400) throw new StatusError(response);
  return response;
}

/** An adapter of axios that throws so what has an answer. */
export const throwingAdapter: AxiosAdapter = async (config) => {
  try {
    return await axios.getAdapter('http')(config);
  } catch (error) {
    const { response } = error as { response?: { status: number } };
    throw response ? new StatusError(response) : error;
  }
};

/** The adapter of another copy of axios. */
export const anotherCopy: AxiosAdapter = (config) =>
  (axiosOldest as unknown as typeof axios).getAdapter('http')(config);

/** A version of axios with an adapter of the user's own. */
export function withAdapter({ create, authenticate }: Version, adapter: AxiosAdapter): Version {
  return { authenticate, create: (config) => create({ ...config, adapter }) };
}

/** A version of axios with so many connections to an origin. */
export function withSockets({ create, authenticate }: Version, maxSockets: number): Version {
  const httpAgent = new HttpAgent({ keepAlive: true, maxSockets });
  return { authenticate, create: (config) => create({ ...config, httpAgent }) };
}

/** undici's fetch over so many connections to an origin. */
export function withConnections(connections: number): typeof fetch {
  const dispatcher = new Agent({ connections });
  const limited: typeof undiciFetch = (input, init) => undiciFetch(input, { ...init, dispatcher });
  return limited as unknown as typeof fetch;
}

/** A client of axios over few connections: a stream that is too long would hold one of them for ever, without us too. */
export function overFew(client: Client): Client {
  const withoutStream = (asked: Case): Case =>
    asked.read === 'stream' ? { ...asked, read: 'text' } : asked;
  return { ...client, tailored: withoutStream };
}

/** A client of axios with an adapter of the user's own: redirects past it are ours, and so is its query. */
export function overOwnAdapter(client: Client): Client {
  return {
    ...client,
    staysHere: true,
    tailored: (asked) => ({ ...asked, axios: { ...asked.axios, maxRedirects: 0, params: 'none' } }),
  };
}

/** A client of fetch below which a layer throws: the hash of what it throws is not checked. */
export function withoutIntegrity(client: Client): Client {
  return {
    ...client,
    tailored: (asked) => ({ ...asked, fetch: { ...asked.fetch, integrity: '' } }),
  };
}
