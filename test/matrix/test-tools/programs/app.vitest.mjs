import { createTokenManager } from 'tt-token-manager';
import { authenticateFetch } from 'tt-token-manager/fetch';
import { startFakeTT } from 'tt-token-manager/testing';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createScene, MARKETS } from './scene.mjs';

let scene;

beforeEach(async () => {
  scene = await createScene({ createTokenManager, startFakeTT });
});

afterEach(async () => {
  vi.useRealTimers();
  await scene.close();
  expect(scene.storeFailures).toEqual([]);
});

test('a client gets its answer, and again after a 401', async () => {
  const { tt, manager } = scene;
  const send = authenticateFetch(fetch, manager);
  expect((await send(`${tt.url}${MARKETS}`)).status).toBe(200);
  tt.revokeAll();
  expect((await send(`${tt.url}${MARKETS}`)).status).toBe(200);
  expect(tt.tokenRequests).toHaveLength(2);
});

test('an idle manager refreshes on fake timers', async () => {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'],
  });
  const { tt, manager } = scene;
  const first = await manager.getToken();
  const refreshed = new Promise((resolve) => manager.on('refreshed', resolve));
  await vi.advanceTimersByTimeAsync(3_600_000);
  await refreshed;
  expect((await manager.getToken()).accessToken).not.toBe(first.accessToken);
  expect(tt.tokenRequests).toHaveLength(2);
});
