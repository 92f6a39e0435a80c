// A TokenError in a route: whoever calls the service is not told to log in (401), but that the service fails (500). With
// the recipe, that it is not available for the moment (503), and when to ask again.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import express from 'express';
import fastify from 'fastify';
import Koa from 'koa';
import { createTokenManager, isTokenError, memoryStore } from 'tt-token-manager';
import { startFakeTT } from 'tt-token-manager/testing';

const tt = await startFakeTT();
const given = { apiKey: tt.apiKey, baseUrl: tt.url, appName: 'Matrix', companyName: 'Tests' };
/** One whose secret the token endpoint refuses. */
const refused = () =>
  createTokenManager({ ...given, apiSecret: randomUUID(), store: memoryStore() });
/** One that the token endpoint tells to wait. */
const limited = () => {
  tt.failNextTokenRequests({ status: 429, count: 1, retryAfterSeconds: 30 });
  return createTokenManager({ ...given, apiSecret: tt.apiSecret, store: memoryStore() });
};

/** What a service answers for an error of the manager's. */
function answerOf(error) {
  if (!isTokenError(error)) return undefined;
  const seconds = Math.max(1, Math.ceil(((error.retryAt ?? 0) - Date.now()) / 1_000));
  return { status: 503, retryAfter: String(seconds) };
}

/** Each service with a route that needs a token, bare or with the recipe. */
const services = {
  express(manager, hasRecipe) {
    const app = express();
    app.get('/', async (request, response) => response.json(await manager.getToken()));
    app.use((error, request, response, next) => {
      const answer = hasRecipe && answerOf(error);
      // Its own handler prints what it answers with 500.
      app.set('env', 'test');
      if (!answer) return next(error);
      response.status(answer.status).set('Retry-After', answer.retryAfter).end();
    });
    return app.listen(0, '127.0.0.1');
  },
  fastify(manager, hasRecipe) {
    const app = fastify();
    app.get('/', () => manager.getToken());
    if (hasRecipe) {
      app.setErrorHandler((error, request, reply) => {
        const answer = answerOf(error);
        if (!answer) throw error;
        return reply.code(answer.status).header('Retry-After', answer.retryAfter).send();
      });
    }
    void app.listen({ host: '127.0.0.1', port: 0 });
    return app.server;
  },
  koa(manager, hasRecipe) {
    const app = new Koa();
    app.silent = true;
    if (hasRecipe) {
      app.use(async (context, next) => {
        try {
          await next();
        } catch (error) {
          const answer = answerOf(error);
          if (!answer) throw error;
          context.status = answer.status;
          context.set('Retry-After', answer.retryAfter);
        }
      });
    }
    app.use(async (context) => (context.body = await manager.getToken()));
    return app.listen(0, '127.0.0.1');
  },
};

async function answered(name, createManager, hasRecipe) {
  const manager = createManager();
  const server = services[name](manager, hasRecipe);
  if (!server.listening) await once(server, 'listening');
  const { status, headers } = await fetch(`http://127.0.0.1:${server.address().port}/`);
  server.closeAllConnections();
  server.close();
  await manager.close();
  return [status, Number(headers.get('retry-after'))];
}

for (const name of Object.keys(services)) {
  const bare = await answered(name, refused, false);
  assert.deepEqual(bare, [500, 0], `${name}, credentials refused`);
  assert.deepEqual(await answered(name, limited, false), [500, 0], `${name}, limited`);
  const [status, retryAfter] = await answered(name, limited, true);
  assert.equal(status, 503, name);
  assert.ok(retryAfter > 0 && retryAfter <= 30, `${name}: Retry-After ${retryAfter}`);
}
await tt.close();
