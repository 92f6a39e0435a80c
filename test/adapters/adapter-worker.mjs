// A process with one token manager and all three adapters on it; it does what the test tells it to.
import axios from 'axios';
import axiosRetry from 'axios-retry';
import ky from 'ky';
import { createTokenManager } from 'tt-token-manager';
import { authenticateAxios } from 'tt-token-manager/axios';
import { authenticateFetch } from 'tt-token-manager/fetch';
import { authenticateKy } from 'tt-token-manager/ky';

const manager = createTokenManager(JSON.parse(process.argv[2]));
const instance = axios.create();
authenticateAxios(instance, manager);
const authenticated = authenticateFetch((input, init) => globalThis.fetch(input, init), manager);
const kyInstance = authenticateKy(ky.create({ retry: 0, timeout: false }), manager);
const clients = [
  (url) => instance.get(url),
  async (url) => {
    const response = await authenticated(url);
    await response.arrayBuffer();
    return response;
  },
  async (url) => {
    const response = await kyInstance(url);
    await response.arrayBuffer();
    return response;
  },
];

const commands = {
  /** So many requests at once, through all clients in turn; how often each status or failure came. */
  many: ({ url, requests }) => counted(requests, (index) => clients[index % clients.length](url)),
  /** The same through an instance whose retry plug-in retries everything. */
  retrying({ url, requests, retries }) {
    const stubborn = axios.create();
    authenticateAxios(stubborn, manager);
    axiosRetry(stubborn, { retries, retryCondition: () => true, retryDelay: () => 0 });
    return counted(requests, () => stubborn.get(url));
  },
};

async function counted(requests, send) {
  const results = await Promise.allSettled(Array.from({ length: requests }, (_, n) => send(n)));
  const counts = {};
  for (const { value, reason } of results) {
    const outcome = value?.status ?? reason.response?.status ?? String(reason);
    counts[outcome] = (counts[outcome] ?? 0) + 1;
  }
  return counts;
}

process.on('message', async ({ id, command, details }) => {
  process.send({ id, counts: await commands[command](details) });
});
process.send('ready');
