// The class of before, and the subclass whose tokens come from tt-token, in a project that has the package.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { setUp, start } from './recipe.mjs';

// No Python, no check: the recipe is for who has it.
if (spawnSync('python3', ['--version']).status !== 0) process.exit(0);

const { tt, variables } = await setUp();

async function call(file) {
  // HOME is where pyenv and the like look for their Python.
  const env = { ...variables, HOME: process.env.HOME ?? '', PYTHONDONTWRITEBYTECODE: '1' };
  const { code, stdout, stderr } = await start([file], env, 'python3').ended;
  assert.equal(code, 0, stderr);
  assert.match(stdout, /FAKE-A/);
}

await call('before.py');
await call('before.py');
assert.equal(tt.tokenRequests.length, 1);
tt.revokeAll();
await call('before.py');
assert.equal(tt.tokenRequests.length, 2);

tt.reset();
await call('both.py');
await call('both.py');
assert.equal(tt.tokenRequests.length, 1);
tt.revokeAll();
await call('both.py');
assert.equal(tt.tokenRequests.length, 2);
assert.deepEqual(
  tt.requests.map(({ status }) => status),
  [200, 200, 401, 200],
);
await tt.close();
