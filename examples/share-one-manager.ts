// Three clients on one manager: all ask at once, at the price of one token request.
//   TT_API_KEY=... TT_API_SECRET=... TT_APP_NAME='My App' TT_COMPANY_NAME='Acme Co' npx tsx examples/share-one-manager.ts
import axios from 'axios';
import ky from 'ky';
import { createTokenManager, optionsFromEnv } from 'tt-token-manager';
import { authenticateAxios } from 'tt-token-manager/axios';
import { authenticateFetch } from 'tt-token-manager/fetch';
import { authenticateKy } from 'tt-token-manager/ky';

async function main(): Promise<void> {
  const manager = createTokenManager(optionsFromEnv());
  try {
    let refreshes = 0;
    manager.on('refreshed', () => refreshes++);
    const axiosClient = axios.create();
    authenticateAxios(axiosClient, manager);
    const kyClient = authenticateKy(ky, manager);
    const fetchClient = authenticateFetch(fetch, manager);
    const url = manager.apiUrl('ttpds', 'markets');
    const all = await Promise.all([axiosClient.get(url), kyClient.get(url), fetchClient(url)]);
    console.log(`axios, ky, fetch ${all.map(({ status }) => status).join(', ')}`);
    console.log(`token requests   ${refreshes}`); // 0 when the token file held a valid one
  } finally {
    await manager.close();
  }
}

try {
  await main();
} catch (error) {
  console.error(`share-one-manager: ${error instanceof Error ? error.message : 'failed'}`);
  process.exitCode = 1;
}
