// What repeats what, and what the breaker counts.
import assert from 'node:assert/strict';
import { setUp, start } from './recipe.mjs';

const { tt, variables } = await setUp();
const path = '/ttpds/ext_uat_cert/markets';
const poll = async (more) => {
  const env = { ...variables, PATHS: 'ttpds/markets', PAUSE_MS: '0', ...more };
  const { code, stdout, stderr } = await start(['poller.mjs'], env).ended;
  assert.equal(code, 0, stderr);
  return stdout
    .trim()
    .split('\n')
    .map((line) => line.replace('ttpds/markets ', ''));
};

// The token endpoint fails once for good: the poller waits until retryAt. A 503 of the API is axios-retry's.
tt.failNextTokenRequests({ status: 500 });
tt.failNextRequests({ status: 503, path });
assert.deepEqual(await poll({ ROUNDS: '1' }), ['200']);
assert.equal(tt.tokenRequests.length, 2);
assert.deepEqual(
  tt.requests.map(({ status }) => status),
  [503, 200],
);
assert.equal(new Set(tt.requests.map(({ requestId }) => requestId)).size, 2);

// A refused token is replayed, and costs one token request; no layer repeats it again.
tt.reset();
tt.revokeAll();
assert.deepEqual(await poll({ ROUNDS: '1' }), ['200']);
assert.deepEqual(
  tt.requests.map(({ status }) => status),
  [401, 200],
);
assert.equal(tt.tokenRequests.length, 1);

// 4xx do not open the breaker, however many; an API that is down does.
tt.reset();
tt.failNextRequests({ status: 404, count: 6 });
assert.deepEqual(await poll({ ROUNDS: '7' }), [...Array(6).fill('ERR_BAD_REQUEST'), '200']);
tt.reset();
tt.faultNextRequests({ fault: 'reset', count: Infinity });
const down = await poll({ ROUNDS: '6' });
assert.ok(down.includes('EOPENBREAKER'), down.join());
assert.ok(tt.requests.length <= 15, `${tt.requests.length} calls of an API that is down`);

// Without a token nothing is sent, and waiting has its limit; the breaker stays closed.
tt.reset();
tt.failNextTokenRequests({ status: 429, retryAfterSeconds: 30, count: Infinity });
const env = { TT_TOKEN_FILE: `${variables.TT_TOKEN_FILE}.2`, TOKEN_WAIT_MS: '1000' };
assert.deepEqual(await poll({ ...env, ROUNDS: '6' }), Array(6).fill('TOKEN_RATE_LIMITED'));
assert.equal(tt.requests.length, 0);
assert.equal(tt.tokenRequests.length, 1);
await tt.close();
