// The three steps: by hand, side by side with one token for all, and without what was made by hand.
import assert from 'node:assert/strict';
import { setUp } from './recipe.mjs';

const { tt, variables } = await setUp();
Object.assign(process.env, variables);
const { createClient } = await import('./before.mjs');
const { manager, newClient, oldClient } = await import('./both.mjs');

/** Each client calls, all its tokens are revoked, and it calls ten times at once; gives the token requests. */
async function callAll(clients) {
  tt.reset();
  const path = '/markets';
  for (const client of clients) assert.equal((await client.get(path)).status, 200);
  const first = tt.tokenRequests.length;
  tt.revokeAll();
  const calls = clients.flatMap((client) => Array.from({ length: 10 }, () => client.get(path)));
  for (const { status } of await Promise.all(calls)) assert.equal(status, 200);
  return [first, tt.tokenRequests.length - first];
}

// By hand: one for each client, and more where a 401 comes after the others' token.
const [first, more] = await callAll([createClient(), createClient()]);
assert.ok(first === 2 && more >= 2, `${first}, ${more}`);
assert.deepEqual(await callAll([oldClient, newClient]), [1, 1]);
await manager.close();
// Another file: a refusal so soon after the last one would fall into the pause between two refreshes.
process.env.TT_TOKEN_FILE += '.2';
const after = await import('./after.mjs');
assert.deepEqual(await callAll([after.client]), [1, 1]);
await after.manager.close();
await tt.close();
