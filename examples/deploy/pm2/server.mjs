// A service of which any number of instances share one token: over a file, or over Redis where REDIS_URL is set.
import { createServer } from 'node:http';
import { createTokenManager, optionsFromEnv } from 'tt-token-manager';
import { authenticateFetch } from 'tt-token-manager/fetch';

const { PORT = '3000', REDIS_URL } = process.env;
const { TT_BASE_URL = 'https://ttrestapi.trade.tt' } = process.env;

/** A store over Redis, for several hosts; undefined, for the token file. */
async function openRedis() {
  if (!REDIS_URL) return undefined;
  const { createClient } = await import('redis');
  const { redisStore } = await import('tt-token-manager/redis');
  const client = createClient({ url: REDIS_URL });
  client.on('error', () => undefined); // the manager says what it means: storeFailed
  client.connect().catch(() => undefined); // not awaited: the service works without Redis too
  return redisStore({ client });
}

// TT_API_SECRET_FILE names the file of the secret, which is read before each token request.
const manager = createTokenManager(optionsFromEnv(process.env, { store: await openRedis() }));
manager.on('refreshed', () => console.log('token fetched'));
manager.on('refreshFailed', ({ message }) => console.error(message));
manager.on('storeFailed', ({ message }) => console.error(message));
const ttFetch = authenticateFetch(fetch, manager);

const server = createServer(async (_request, response) => {
  try {
    const { status } = await ttFetch(`${TT_BASE_URL}/ttpds/ext_uat_cert/markets`);
    response.end(`${process.pid} ${status}\n`);
  } catch (error) {
    console.error(error.message);
    response.writeHead(502).end();
  }
});

// Says that it can serve when it has a token; until then PM2's reload leaves the old instance at work.
await manager.getToken();
server.listen(PORT, () => process.send?.('ready'));

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, async () => {
    await new Promise((resolve) => server.close(resolve)); // calls that are under way end first
    await manager.close();
    process.exit(0);
  });
}
