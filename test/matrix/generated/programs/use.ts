// What one of six generated clients gives before its token is refused, and after.
import assert from 'node:assert/strict';
import axios from 'axios';
import ky from 'ky';
import createClient from 'openapi-fetch';
import { authenticateAxios } from 'tt-token-manager/axios';
import { authenticateFetch } from 'tt-token-manager/fetch';
import { authenticateKy } from 'tt-token-manager/ky';
import { createClient as createAxiosClient } from './hey-api-axios/client/index.js';
import { addNote as addByAxios, getMarkets as getByAxios } from './hey-api-axios/sdk.gen.js';
import { createClient as createFetchClient } from './hey-api-fetch/client/index.js';
import { addNote as addByFetch, getMarkets as getByFetch } from './hey-api-fetch/sdk.gen.js';
import { createClient as createKyClient } from './hey-api-ky/client/index.js';
import { addNote as addByKy, getMarkets as getByKy } from './hey-api-ky/sdk.gen.js';
import { baseUrl, manager } from './manager.js';
import type { paths } from './openapi-typescript.js';
import * as orvalAxios from './orval-axios.js';
import * as orvalFetch from './orval-fetch.js';

const body = { text: 'a note' };
const instance = axios.create();
authenticateAxios(instance, manager);
const send = authenticateFetch(fetch, manager);

const plain = createClient<paths>({ baseUrl, fetch: send });
const byFetch = createFetchClient({ baseUrl, fetch: send });
const byAxios = createAxiosClient({ baseURL: baseUrl, axios: instance });
const byKy = createKyClient({ baseUrl, ky: authenticateKy(ky, manager) });

interface Use {
  markets(): Promise<number | undefined>;
  note(): Promise<string | undefined>;
}

const clients: Record<string, Use> = {
  'openapi-fetch': {
    markets: async () => (await plain.GET('/ttpds/ext_uat_cert/markets')).data?.markets.length,
    note: async () => (await plain.POST('/ttuser/ext_uat_cert/notes', { body })).data?.body,
  },
  'hey-api fetch': {
    markets: async () => (await getByFetch({ client: byFetch })).data?.markets.length,
    note: async () => (await addByFetch({ client: byFetch, body })).data?.body,
  },
  'hey-api axios': {
    markets: async () => (await getByAxios({ client: byAxios })).data?.markets.length,
    note: async () => (await addByAxios({ client: byAxios, body })).data?.body,
  },
  'hey-api ky': {
    markets: async () => (await getByKy({ client: byKy })).data?.markets.length,
    note: async () => (await addByKy({ client: byKy, body })).data?.body,
  },
  'orval fetch': {
    markets: async () => (await orvalFetch.getMarkets()).data.markets.length,
    note: async () => (await orvalFetch.addNote(body)).data.body,
  },
  'orval axios': {
    markets: async () => (await orvalAxios.getMarkets()).markets.length,
    note: async () => (await orvalAxios.addNote(body)).body,
  },
};

const { markets, note } = clients[process.argv[2] ?? ''] ?? assert.fail('no such client');
assert.equal(await markets(), 3);
// The token is refused in the middle of the client's life: the next call is replayed, with its body.
await fetch(process.env.MATRIX_REVOKE ?? '');
assert.equal(await note(), JSON.stringify(body));
await manager.close();
