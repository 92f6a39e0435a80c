// App key, secret and token in the system keyring: no file holds any of them.
//   npm install @napi-rs/keyring; npx --no -- tt-token login
//   TT_APP_NAME='My App' TT_COMPANY_NAME='Acme Co' npx tsx examples/keyring.ts
import { createTokenManager, isTokenError } from 'tt-token-manager';
import { keyringStore, optionsFromKeyring } from 'tt-token-manager/keyring';

try {
  const options = await optionsFromKeyring(); // variables come first, as with optionsFromEnv()
  await using manager = createTokenManager({ ...options, store: keyringStore() });
  // A keyring that stays locked: the token is then kept in memory, and this says why.
  manager.on('storeFailed', ({ operation, message }) => console.warn(`${operation}: ${message}`));

  const { expiresAt } = await manager.getToken();
  console.log(`token valid until ${new Date(expiresAt).toISOString()}`);
} catch (error) {
  // No keyring, or nothing in it: the message names what to do instead.
  console.error(`keyring: ${error instanceof Error ? error.message : 'failed'}`);
  process.exitCode = isTokenError(error) ? 1 : 2;
}
