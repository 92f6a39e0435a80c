// An axios instance whose every request carries the token, the app key and a new request ID.
//   TT_API_KEY=... TT_API_SECRET=... TT_APP_NAME='My App' TT_COMPANY_NAME='Acme Co' npx tsx examples/axios.ts
import axios from 'axios';
import { createTokenManager, optionsFromEnv } from 'tt-token-manager';
import { authenticateAxios } from 'tt-token-manager/axios';

async function main(): Promise<void> {
  const manager = createTokenManager(optionsFromEnv());
  try {
    const client = axios.create({ timeout: 10_000 });
    authenticateAxios(client, manager);
    const { status } = await client.get(manager.apiUrl('ttpds', 'markets'));
    console.log(`GET markets ${status}`);
  } finally {
    await manager.close();
  }
}

try {
  await main();
} catch (error) {
  console.error(`axios: ${error instanceof Error ? error.message : 'failed'}`);
  process.exitCode = 1;
}
