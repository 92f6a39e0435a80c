// Express and Fastify: 200 with a token, 503 and when to ask again without, 502 where TT fails; nothing is cut off at the end.
import assert from 'node:assert/strict';
import { ask, serve, setUp } from './recipe.mjs';

for (const file of ['express.mjs', 'fastify.mjs']) {
  const { tt, variables } = await setUp();
  tt.failNextTokenRequests({ status: 429, retryAfterSeconds: 2 });
  const service = await serve([file], variables);
  const unavailable = await ask(`${service.url}/markets`);
  assert.equal(unavailable.status, 503, unavailable.body);
  assert.equal(unavailable.body, '{"error":"TOKEN_RATE_LIMITED"}');
  assert.ok(unavailable.retryAfter >= 1 && unavailable.retryAfter <= 2, file);
  assert.equal((await ask(`${service.url}/markets`)).status, 503);
  assert.equal(tt.tokenRequests.length, 1, 'a token request inside the Retry-After');
  service.child.kill('SIGTERM');
  assert.equal((await service.ended).code, 0);

  const other = await serve([file], {
    ...variables,
    TT_TOKEN_FILE: `${variables.TT_TOKEN_FILE}.2`,
  });
  const served = await ask(`${other.url}/markets`);
  assert.equal(served.status, 200, served.body);
  assert.match(served.body, /FAKE-A/);
  tt.failNextRequests({ status: 404 });
  assert.equal((await ask(`${other.url}/markets`)).status, 502);
  // A request under way when the end comes, which needs another token, is answered.
  tt.configure({ apiLatencyMs: 300 });
  tt.revokeAll();
  const before = tt.requests.length;
  const underWay = ask(`${other.url}/markets`);
  while (tt.requests.length === before) await new Promise((resolve) => setImmediate(resolve));
  other.child.kill('SIGTERM');
  const last = await underWay;
  assert.equal(last.status, 200, `${file}: ${last.status} ${last.body}`);
  const { code, stderr } = await other.ended;
  assert.equal(code, 0, stderr);
  assert.match(stderr, /TT answered 404, request ID My_App-Acme_Co--[0-9a-f-]{36}\n/);

  // TT refuses the new token, too.
  tt.reset();
  const refused = await serve([file], variables);
  tt.failNextRequests({ status: 401, count: 2 });
  assert.equal((await ask(`${refused.url}/markets`)).status, 502, 'a 401 of TT reached the caller');
  refused.child.kill('SIGTERM');
  await refused.ended;
  await tt.close();
}
