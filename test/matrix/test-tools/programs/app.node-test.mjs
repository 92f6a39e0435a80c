import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { createTokenManager } from 'tt-token-manager';
import { authenticateFetch } from 'tt-token-manager/fetch';
import { startFakeTT } from 'tt-token-manager/testing';
import { createScene, MARKETS } from './scene.mjs';

let scene;

beforeEach(async () => {
  scene = await createScene({ createTokenManager, startFakeTT });
});

afterEach(async () => {
  mock.timers.reset();
  await scene.close();
  assert.deepEqual(scene.storeFailures, []);
});

test('a client gets its answer, and again after a 401', async () => {
  const { tt, manager } = scene;
  const send = authenticateFetch(fetch, manager);
  assert.equal((await send(`${tt.url}${MARKETS}`)).status, 200);
  tt.revokeAll();
  assert.equal((await send(`${tt.url}${MARKETS}`)).status, 200);
  assert.equal(tt.tokenRequests.length, 2);
});

test('an idle manager refreshes on fake timers', async () => {
  mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'], now: Date.now() });
  const { tt, manager } = scene;
  const first = await manager.getToken();
  const refreshed = new Promise((resolve) => manager.on('refreshed', resolve));
  mock.timers.tick(3_600_000);
  await refreshed;
  assert.notEqual((await manager.getToken()).accessToken, first.accessToken);
  assert.equal(tt.tokenRequests.length, 2);
});
