// axios, ky and fetch on one manager: a refused token, and redirects inside the trusted origins and off them.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import axios from 'axios';
import ky from 'ky';

const MARKETS = '/ttpds/ext_uat_cert/markets';
const MOVED = '/ttpds/ext_uat_cert/moved';
const LEAVES = '/ttpds/ext_uat_cert/leaves';

/** Uses the clients by the package's functions, as imported or required. */
export async function useThreeClients(library) {
  const tt = await library.startFakeTT();
  const foreign = await library.startFakeTT();
  tt.redirect(MOVED, { status: 307, location: MARKETS });
  tt.redirect(LEAVES, { status: 302, location: `${foreign.url}${MARKETS}` });
  const manager = library.createTokenManager({
    apiKey: tt.apiKey,
    apiSecret: tt.apiSecret,
    baseUrl: tt.url,
    appName: 'Matrix',
    companyName: randomUUID(),
    store: library.memoryStore(),
  });
  const clients = Object.entries(clientsOn(manager, library));
  const get = async (url, status) => {
    const answers = await Promise.all(clients.map(async ([name, ask]) => [name, await ask(url)]));
    assert.deepEqual(
      Object.fromEntries(answers),
      { axios: status, ky: status, fetch: status },
      url,
    );
  };

  await get(`${tt.url}${MARKETS}`, 200);
  tt.revokeAll();
  await get(`${tt.url}${MARKETS}`, 200);
  assert.equal(tt.tokenRequests.length, 2, 'a token request more for the revoked token');
  await get(`${tt.url}${MOVED}`, 200);
  await get(`${tt.url}${LEAVES}`, 403);
  for (const { headers, requestId } of foreign.requests) {
    const credentials = [headers.authorization, headers['x-api-key'], requestId];
    assert.deepEqual(credentials, [undefined, undefined, undefined], 'sent to the foreign origin');
  }
  await manager.close();
  await tt.close();
  await foreign.close();
}

/** The clients by name, each as a function that gives the status of a URL. */
function clientsOn(manager, { authenticateAxios, authenticateFetch, authenticateKy }) {
  const instance = axios.create({ validateStatus: () => true });
  authenticateAxios(instance, manager);
  const wrappedKy = authenticateKy(ky.create({ throwHttpErrors: false, retry: 0 }), manager);
  const wrappedFetch = authenticateFetch(fetch, manager);
  return {
    axios: async (url) => (await instance.get(url)).status,
    ky: async (url) => (await wrappedKy.get(url)).status,
    fetch: async (url) => (await wrappedFetch(url)).status,
  };
}
