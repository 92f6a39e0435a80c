// The module: a client with a token, its health, 503 without a token, and an end that cuts nothing off.
import assert from 'node:assert/strict';
import { ask, serve, setUp } from './recipe.mjs';

const { tt, variables } = await setUp();
tt.failNextTokenRequests({ status: 429, retryAfterSeconds: 3 });
const first = await serve(['main.ts'], variables);
const unavailable = await ask(`${first.url}/markets`);
assert.equal(unavailable.status, 503, unavailable.body);
assert.ok(unavailable.retryAfter >= 1 && unavailable.retryAfter <= 3);
assert.equal((await ask(`${first.url}/ready`)).status, 503);
first.child.kill('SIGTERM');
await first.ended;

const service = await serve(['main.ts'], {
  ...variables,
  TT_TOKEN_FILE: `${variables.TT_TOKEN_FILE}.2`,
});
assert.match((await ask(`${service.url}/markets`)).body, /FAKE-A/);
const ready = await ask(`${service.url}/ready`);
assert.equal(ready.status, 200, ready.body);
const { status, secondsUntilExpiry } = JSON.parse(ready.body).info['tt-token'];
assert.equal(status, 'up');
assert.ok(secondsUntilExpiry > 86_000);
assert.equal((await ask(`${service.url}/other`)).status, 404, "other errors are Nest's own");

// A request under way when the end comes, which needs another token, is answered.
tt.configure({ apiLatencyMs: 300 });
tt.revokeAll();
const before = tt.requests.length;
const underWay = ask(`${service.url}/markets`);
while (tt.requests.length === before) await new Promise((resolve) => setImmediate(resolve));
service.child.kill('SIGTERM');
const last = await underWay;
assert.equal(last.status, 200, last.body);
const { code, signal } = await service.ended;
assert.ok(code === 0 || signal === 'SIGTERM', `ended with ${code ?? signal}`); // Nest ends itself by the signal it got
await tt.close();
