// Everything about the token in the log of the application, and the request ID of each call that failed.
//   npm install axios pino
//   TT_API_KEY=... TT_API_SECRET=... TT_APP_NAME='My App' TT_COMPANY_NAME='Acme Co' npx tsx examples/logging.ts
import axios, { isAxiosError } from 'axios';
import { pino } from 'pino';
import {
  createTokenManager,
  isTokenError,
  optionsFromEnv,
  requestIdOf,
  type TokenManagerEventName,
} from 'tt-token-manager';
import { authenticateAxios } from 'tt-token-manager/axios';

const log = pino();

/** How much each event matters: a token that is refused or kept in memory alone costs requests. */
const levels: Record<TokenManagerEventName, 'debug' | 'info' | 'warn' | 'error'> = {
  refreshed: 'info',
  adopted: 'info',
  refreshFailed: 'error',
  rejected: 'warn',
  storeFailed: 'warn',
  lockTakenOver: 'warn',
};

async function main(): Promise<void> {
  await using manager = createTokenManager(optionsFromEnv());
  for (const name of Object.keys(levels) as TokenManagerEventName[]) {
    manager.on(name, (event) => log[levels[name]]({ event }, name)); // no event holds a secret
  }
  const client = axios.create({ baseURL: manager.apiUrl('ttpds') });
  authenticateAxios(client, manager);
  const { status } = await client.get('/markets');
  log.info({ status }, 'GET markets');
}

try {
  await main();
} catch (error) {
  // Fields of your choice: the whole error of a client may hold the body of an order.
  const { message } = error instanceof Error ? error : { message: 'failed' };
  const status = isAxiosError(error) ? error.response?.status : undefined;
  const code = isTokenError(error) ? error.code : undefined;
  // TT's support finds a call by its request ID.
  log.error({ requestId: requestIdOf(error), status, code, reason: message }, 'GET markets failed');
  process.exitCode = 1;
}
