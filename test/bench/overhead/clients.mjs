/* global Response */
// The clients, bare and with the built package on top, over a transport that never leaves the process.
// axios and ky are the ones of the repository's root: the package must see the same copy of axios.
import axios from 'axios';
import ky from 'ky';
import { authenticateAxios } from '../../../dist/axios.js';
import { authenticateFetch } from '../../../dist/fetch.js';
import { createTokenManager, memoryStore } from '../../../dist/index.js';
import { authenticateKy } from '../../../dist/ky.js';

const origin = 'https://ttrestapi.trade.tt';
const path = '/ttpds/ext_uat_cert/markets';

const memoryFetch = async () => new Response('ok', { status: 200 });
const memoryAdapter = (config) =>
  Promise.resolve({
    data: 'ok',
    status: 200,
    statusText: 'OK',
    headers: {},
    config,
    request: {},
  });

/** What one client sends, as a function that resolves to the status. */
const senders = {
  axios({ manager }) {
    const api = axios.create({ baseURL: origin, adapter: memoryAdapter });
    if (manager) authenticateAxios(api, manager);
    return async () => (await api.get(path)).status;
  },
  fetch({ manager }) {
    const send = manager ? authenticateFetch(memoryFetch, manager) : memoryFetch;
    return async () => (await send(origin + path)).status;
  },
  ky({ manager }) {
    const bare = ky.create({ fetch: memoryFetch });
    const api = manager ? authenticateKy(bare, manager) : bare;
    return async () => (await api.get(origin + path)).status;
  },
};

/** Makes the sender of a client, with a token in memory already when it is ours. */
export async function createSender(client, variant) {
  if (variant === 'bare') return senders[client]({});
  const manager = createTokenManager({
    apiKey: '00000000-0000-4000-8000-000000000000',
    apiSecret: '00000000-0000-4000-8000-000000000001',
    appName: 'Bench',
    companyName: 'Overhead',
    store: memoryStore(),
    fetch: () =>
      Promise.resolve(
        Response.json({
          status: 'Ok',
          access_token: `token-${'x'.repeat(620)}`,
          token_type: 'bearer',
          seconds_until_expiry: 86_400,
        }),
      ),
  });
  await manager.getToken();
  return senders[client]({ manager });
}
