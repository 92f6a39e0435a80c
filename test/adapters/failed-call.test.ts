import axios, { isAxiosError } from 'axios';
import axiosOldest from 'axios-oldest';
import ky, { isHTTPError } from 'ky';
import { expect, it } from 'vitest';
import { authenticateFetch } from '../../src/adapters/fetch/index.js';
import { authenticateKy } from '../../src/adapters/ky/index.js';
import { authenticateAxios } from '../../src/adapters/axios/index.js';
import type { TokenManager } from '../../src/index.js';
import { markets, setUp } from './setup.js';

/* Where the README says that the request ID of a failed call is. */

async function thrownBy(call: () => Promise<unknown>): Promise<unknown> {
  return call().then(
    () => undefined,
    (error: unknown) => error,
  );
}

function pathOf(error: unknown): string {
  return isAxiosError(error) ? String((error.request as { path?: unknown }).path) : '';
}

const clients: Record<string, (manager: TokenManager, url: string) => Promise<string>> = {
  async axios(manager, url) {
    const client = axios.create();
    authenticateAxios(client, manager);
    return pathOf(await thrownBy(() => client.get(url)));
  },
  async 'axios 1.6.0'(manager, url) {
    const client = axiosOldest.create();
    authenticateAxios(client, manager);
    return pathOf(await thrownBy(() => client.get(url)));
  },
  async ky(manager, url) {
    const error = await thrownBy(() => authenticateKy(ky, manager).get(url, { retry: 0 }));
    return isHTTPError(error) ? error.response.url : '';
  },
  async fetch(manager, url) {
    return (await authenticateFetch(fetch, manager)(url)).url;
  },
};

it.each(Object.entries(clients))(
  'shows its request ID where %s has it: the one that came to the API',
  async (_, failedCall) => {
    const { tt, manager } = await setUp();
    tt.failNextRequests({ status: 500, count: 1 });
    const seen = await failedCall(manager, tt.url + markets);
    expect(tt.requests).toHaveLength(1);
    expect(seen).toContain(`?requestId=${tt.requests[0]?.requestId}`);
  },
);
