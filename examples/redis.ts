// Processes on any number of hosts share one token over Redis.
//   TT_API_KEY=... TT_API_SECRET=... TT_APP_NAME='My App' TT_COMPANY_NAME='Acme Co' \
//   REDIS_URL=redis://localhost:6379 npx tsx examples/redis.ts
import { createClient } from 'redis'; // with ioredis: const client = new Redis(REDIS_URL)
import { createTokenManager, isTokenError, optionsFromEnv } from 'tt-token-manager';
import { redisStore } from 'tt-token-manager/redis';

const { REDIS_URL = 'redis://localhost:6379' } = process.env;

async function main(): Promise<void> {
  const options = optionsFromEnv();
  const client = createClient({ url: REDIS_URL });
  // The client goes on trying by itself. Not awaited: a Redis that is down is no reason to wait for it.
  client.on('error', () => undefined);
  client.connect().catch(() => undefined);
  try {
    await using manager = createTokenManager({ ...options, store: redisStore({ client }) });
    manager.on('refreshed', () => console.log('token fetched'));
    manager.on('adopted', () => console.log('token found in Redis'));
    manager.on('storeFailed', ({ operation, message }) => console.warn(`${operation}: ${message}`));

    const { expiresAt } = await manager.getToken();
    console.log(`token valid until ${new Date(expiresAt).toISOString()}`);
  } finally {
    client.destroy(); // The client is yours: the manager has not closed it.
  }
}

try {
  await main();
} catch (error) {
  console.error(`redis: ${error instanceof Error ? error.message : 'failed'}`);
  process.exitCode = isTokenError(error) ? 1 : 2;
}
