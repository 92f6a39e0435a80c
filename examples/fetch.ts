// A fetch whose every request carries the token, the app key and a new request ID.
//   TT_API_KEY=... TT_API_SECRET=... TT_APP_NAME='My App' TT_COMPANY_NAME='Acme Co' npx tsx examples/fetch.ts
import { createTokenManager, optionsFromEnv } from 'tt-token-manager';
import { authenticateFetch } from 'tt-token-manager/fetch';

async function main(): Promise<void> {
  const manager = createTokenManager(optionsFromEnv());
  try {
    const authenticatedFetch = authenticateFetch(fetch, manager);
    const response = await authenticatedFetch(manager.apiUrl('ttpds', 'markets'));
    await response.body?.cancel(); // only the status is of interest here
    console.log(`GET markets ${response.status}`);
  } finally {
    await manager.close();
  }
}

try {
  await main();
} catch (error) {
  console.error(`fetch: ${error instanceof Error ? error.message : 'failed'}`);
  process.exitCode = 1;
}
