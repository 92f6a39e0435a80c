// Fastify: where there is no token, the service is unavailable (503) for a while; it never answers TT's 401 as its own.
//   npm install tt-token-manager fastify && node --env-file=.env fastify.mjs
import Fastify from 'fastify';
import { createTokenManager, isTokenError, optionsFromEnv, requestIdOf } from 'tt-token-manager';
import { authenticateFetch } from 'tt-token-manager/fetch';

const manager = createTokenManager(optionsFromEnv());
const ttFetch = authenticateFetch(fetch, manager);

const app = Fastify({ keepAliveTimeout: 5_000 }); // close() waits so long for idle clients; by default 72 s
app.addHook('onClose', () => manager.close()); // Fastify calls it when all requests are answered

app.setErrorHandler((error, _request, reply) => {
  if (!isTokenError(error)) throw error; // Fastify's own handler answers
  const { code, retryAt } = error;
  if (retryAt) reply.header('Retry-After', Math.max(1, Math.ceil((retryAt - Date.now()) / 1_000)));
  return reply.code(503).send({ error: code });
});

app.get('/markets', async (_request, reply) => {
  const response = await ttFetch(manager.apiUrl('ttpds', 'markets'));
  if (response.ok) return response.json();
  // TT's support asks for the request ID; your own callers learn no more than that TT failed.
  console.error(`TT answered ${response.status}, request ID ${requestIdOf(response)}`);
  await response.body?.cancel();
  return reply.code(502).send({ error: 'TT_FAILED' });
});

await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT ?? 3000) });
console.log(`listening on port ${app.server.address().port}`);
process.once('SIGTERM', () => app.close());
