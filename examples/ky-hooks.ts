// The hooks alone, for a ky instance that brings hooks of its own; prefer authenticateKy, see the README.
//   TT_API_KEY=... TT_API_SECRET=... TT_APP_NAME='My App' TT_COMPANY_NAME='Acme Co' npx tsx examples/ky-hooks.ts
import ky from 'ky';
import { createTokenManager, optionsFromEnv } from 'tt-token-manager';
import { kyHooks } from 'tt-token-manager/ky';

async function main(): Promise<void> {
  const manager = createTokenManager(optionsFromEnv());
  try {
    const { afterResponse, ...others } = kyHooks(manager);
    const log = (): void => console.log('a response came in');
    const client = ky.create({
      hooks: { ...others, afterResponse: [...afterResponse, log] },
    });
    const { status } = await client.get(manager.apiUrl('ttpds', 'markets'));
    console.log(`GET markets ${status}`);
  } finally {
    await manager.close();
  }
}

try {
  await main();
} catch (error) {
  console.error(`ky-hooks: ${error instanceof Error ? error.message : 'failed'}`);
  process.exitCode = 1;
}
