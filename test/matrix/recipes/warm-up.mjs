// The service waits for its first token within a limit, and its probes say whether there is one.
import assert from 'node:assert/strict';
import { ask, serve, setUp, start } from './recipe.mjs';

const { tt, variables } = await setUp({ tokenLifetimeSeconds: 3_600 });
tt.failNextTokenRequests({ status: 500 });
const service = await serve(['server.mjs'], variables);
assert.match(service.printed.stderr, /^no token yet: /);
assert.equal(tt.tokenRequests.length, 2);
const ready = await ask(`${service.url}/ready`);
assert.equal(ready.status, 200);
assert.ok(JSON.parse(ready.body).secondsUntilExpiry > 3_000);
assert.equal((await ask(`${service.url}/live`)).status, 200);
assert.match((await ask(`${service.url}/markets`)).body, /FAKE-A/);
assert.equal((await ask(`${service.url}/other`)).status, 404);
service.child.kill('SIGTERM');
assert.equal((await service.ended).code, 0);
assert.equal(tt.tokenRequests.length, 2, 'probes cost token requests');

// Too long to wait, and a wrong secret, end the start.
tt.failNextTokenRequests({ status: 429, retryAfterSeconds: 60 });
const elsewhere = {
  ...variables,
  TT_TOKEN_FILE: `${variables.TT_TOKEN_FILE}.2`,
  WARM_UP_MS: '5000',
};
const late = await start(['server.mjs'], elsewhere).ended;
assert.equal(late.code, 1);
assert.match(late.stderr, /TOKEN_RATE_LIMITED/);
const wrong = await start(['server.mjs'], {
  ...elsewhere,
  ...{ TT_TOKEN_FILE: `${variables.TT_TOKEN_FILE}.3`, TT_API_SECRET: 'wrong-secret' },
}).ended;
assert.equal(wrong.code, 1);
assert.doesNotMatch(wrong.stderr, /no token yet|wrong-secret/);

// Without a valid token it is alive, and not ready.
tt.reset();
tt.configure({ tokenLifetimeSeconds: 1 });
const short = await serve(['server.mjs'], {
  ...elsewhere,
  TT_TOKEN_FILE: `${variables.TT_TOKEN_FILE}.4`,
});
tt.failNextTokenRequests({ status: 500, count: Infinity });
let state = await ask(`${short.url}/ready`);
while (state.status === 200) state = await ask(`${short.url}/ready`);
assert.equal(state.status, 503);
assert.equal((await ask(`${short.url}/live`)).status, 200);
assert.equal((await ask(`${short.url}/markets`)).status, 503);
short.child.kill('SIGTERM');
assert.equal((await short.ended).code, 0);
await tt.close();
