// A ky instance whose every request, retries included, carries the token, the app key and a new request ID.
//   TT_API_KEY=... TT_API_SECRET=... TT_APP_NAME='My App' TT_COMPANY_NAME='Acme Co' npx tsx examples/ky.ts
import ky from 'ky';
import { createTokenManager, optionsFromEnv } from 'tt-token-manager';
import { authenticateKy } from 'tt-token-manager/ky';

async function main(): Promise<void> {
  const manager = createTokenManager(optionsFromEnv());
  try {
    const client = authenticateKy(ky.create({ retry: 2 }), manager);
    const { status } = await client.get(manager.apiUrl('ttpds', 'markets'));
    console.log(`GET markets ${status}`);
  } finally {
    await manager.close();
  }
}

try {
  await main();
} catch (error) {
  console.error(`ky: ${error instanceof Error ? error.message : 'failed'}`);
  process.exitCode = 1;
}
