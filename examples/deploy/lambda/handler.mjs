// AWS Lambda, and any other function that is frozen between its calls.
import { createClient } from 'redis';
import { createTokenManager, optionsFromEnv } from 'tt-token-manager';
import { authenticateFetch } from 'tt-token-manager/fetch';
import { redisStore } from 'tt-token-manager/redis';

const { REDIS_URL, TT_BASE_URL = 'https://ttrestapi.trade.tt' } = process.env;

// Outside the handler, so that one instance of the function keeps its manager from call to call.
const redis = REDIS_URL && createClient({ url: REDIS_URL });
redis?.on('error', () => undefined); // connects anew after a freeze that ended the connection
redis?.connect().catch(() => undefined);

const manager = createTokenManager({
  ...optionsFromEnv(),
  // All instances share one token over Redis. Without it each has /tmp to itself, and so its own token request.
  ...(redis ? { store: redisStore({ client: redis }) } : { tokenFile: '/tmp/tt/token.json' }),
  autoRefresh: false, // nothing runs between two calls
  timeoutMs: 5_000, // below the function's own timeout: 15 s or more
});
const ttFetch = authenticateFetch(fetch, manager);

export async function handler(_event, context) {
  if (context) context.callbackWaitsForEmptyEventLoop = false; // the connection to Redis stays open
  const response = await ttFetch(`${TT_BASE_URL}/ttpds/ext_uat_cert/markets`);
  return { statusCode: response.status, body: await response.text() };
}
