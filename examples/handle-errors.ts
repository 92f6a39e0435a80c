// What can go wrong with a call: no token, told by its code, or an answer that the client calls an error.
//   TT_API_KEY=... TT_API_SECRET=... TT_APP_NAME='My App' TT_COMPANY_NAME='Acme Co' npx tsx examples/handle-errors.ts
import axios, { isAxiosError } from 'axios';
import { createTokenManager, isTokenError, optionsFromEnv, requestIdOf } from 'tt-token-manager';
import { authenticateAxios } from 'tt-token-manager/axios';

function explain(error: unknown): string {
  if (isAxiosError(error)) {
    const reason = error.response?.status ?? error.code;
    return `the API call failed: ${reason}; request ID for TT's support: ${requestIdOf(error)}`;
  }
  if (!isTokenError(error)) return error instanceof Error ? error.message : 'failed'; // a wrong option
  switch (error.code) {
    case 'CREDENTIALS_REJECTED':
      return `${error.code}: check the key and the secret, waiting does not help`;
    case 'TOKEN_RATE_LIMITED':
    case 'TOKEN_REQUEST_FAILED':
    case 'TOKEN_RESPONSE_INVALID':
      return `${error.code}: try again at ${new Date(error.retryAt ?? Date.now()).toISOString()}`;
    case 'MANAGER_CLOSED':
      return `${error.code}: the application is ending`;
  }
}

try {
  await using manager = createTokenManager(optionsFromEnv());
  const client = axios.create();
  authenticateAxios(client, manager);
  const { status } = await client.get(manager.apiUrl('ttpds', 'markets'));
  console.log(`GET markets ${status}`);
} catch (error) {
  console.error(`handle-errors: ${explain(error)}`);
  process.exitCode = 1;
}
