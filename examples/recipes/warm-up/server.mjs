// A service that listens once it has a token, and tells probes whether it still has one.
//   npm install tt-token-manager && node --env-file=.env server.mjs
import { createServer } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { createTokenManager, isTokenError, optionsFromEnv } from 'tt-token-manager';
import { authenticateFetch } from 'tt-token-manager/fetch';

const manager = createTokenManager(optionsFromEnv());
const ttFetch = authenticateFetch(fetch, manager);

/** Waits for the first token; asks again at `retryAt`, as long as that is within the limit. */
async function warmUp(limitMs) {
  const giveUpAt = Date.now() + limitMs;
  for (;;) {
    try {
      return await manager.getToken();
    } catch (error) {
      const isWorthIt = isTokenError(error) && error.code !== 'CREDENTIALS_REJECTED';
      if (!isWorthIt || !(error.retryAt <= giveUpAt)) throw error;
      console.error(`no token yet: ${error.message}`);
      await wait(error.retryAt - Date.now());
    }
  }
}

const routes = {
  // Alive without a token, too: a restart does not bring one.
  '/live': () => ({ status: 200, body: { alive: true } }),
  async '/ready'() {
    const { valid, secondsUntilExpiry, retryAt } = await manager.status(); // asks nobody
    return { status: valid ? 200 : 503, body: { valid, secondsUntilExpiry, retryAt } };
  },
  async '/markets'() {
    const response = await ttFetch(manager.apiUrl('ttpds', 'markets'));
    return { status: response.ok ? 200 : 502, body: await response.json() };
  },
};

const server = createServer((request, response) => {
  const route = routes[request.url] ?? (() => ({ status: 404, body: {} }));
  Promise.resolve(route())
    .catch((error) => ({ status: isTokenError(error) ? 503 : 500, body: {} }))
    .then(({ status, body }) => response.writeHead(status).end(JSON.stringify(body)));
});

await warmUp(Number(process.env.WARM_UP_MS ?? 60_000));
server.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () =>
  console.log(`listening on port ${server.address().port}`),
);
process.once('SIGTERM', () => server.close(() => manager.close()));
