// Express: where there is no token, the service is unavailable (503) for a while; it never answers TT's 401 as its own.
//   npm install tt-token-manager axios express && node --env-file=.env express.mjs
import axios, { isAxiosError } from 'axios';
import express from 'express';
import { createTokenManager, isTokenError, optionsFromEnv, requestIdOf } from 'tt-token-manager';
import { authenticateAxios } from 'tt-token-manager/axios';

const manager = createTokenManager(optionsFromEnv());
const client = axios.create({ timeout: 10_000 });
authenticateAxios(client, manager);

const app = express();
app.get('/markets', async (_request, response) => {
  const { data } = await client.get(manager.apiUrl('ttpds', 'markets'));
  response.json(data);
});

// After all routes.
app.use((error, _request, response, next) => {
  if (isTokenError(error)) {
    const { code, retryAt } = error;
    if (retryAt)
      response.set('Retry-After', `${Math.max(1, Math.ceil((retryAt - Date.now()) / 1_000))}`);
    response.status(503).json({ error: code });
  } else if (isAxiosError(error)) {
    // TT's support asks for the request ID; your own callers learn no more than that TT failed.
    console.error(`TT answered ${error.response?.status}, request ID ${requestIdOf(error)}`);
    response.status(502).json({ error: 'TT_FAILED' });
  } else next(error);
});

const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () =>
  console.log(`listening on port ${server.address().port}`),
);
// The manager closes last: requests that are under way may still need a token.
process.once('SIGTERM', () => server.close(() => manager.close()));
