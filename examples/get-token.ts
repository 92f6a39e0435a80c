// The first thing to run: a token, a request ID and the headers of an API call.
//   TT_API_KEY=... TT_API_SECRET=... TT_APP_NAME='My App' TT_COMPANY_NAME='Acme Co' npx tsx examples/get-token.ts
import { createTokenManager, isTokenError, optionsFromEnv } from 'tt-token-manager';

async function main(): Promise<void> {
  const manager = createTokenManager(optionsFromEnv());

  const token = await manager.getToken();
  console.log(`token      valid until ${new Date(token.expiresAt).toISOString()}`);

  // Everything that one API call needs; call it again for the next one, its request ID is used up.
  const url = new URL(manager.apiUrl('ttpds', 'markets'));
  const call = await manager.authorize(url);
  if (!call) throw new TypeError(`${url.origin} is not trusted with the token`);
  url.searchParams.set('requestId', call.requestId);
  console.log(`request ID ${call.requestId}`);
  console.log(`API call   GET ${url.href}`);
  console.log(
    `headers    ${Object.keys(call.headers).join(', ')} (secret: never print their values)`,
  );
}

try {
  await main();
} catch (error) {
  // A missing variable or a wrong option is a TypeError or RangeError: nothing was sent.
  console.error(`get-token: ${error instanceof Error ? error.message : 'failed'}`);
  process.exitCode = isTokenError(error) ? 1 : 2;
}
