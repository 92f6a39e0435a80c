// Jest with ES modules.
import { jest } from '@jest/globals';
import ky from 'ky';
import { createTokenManager } from 'tt-token-manager';
import { authenticateKy } from 'tt-token-manager/ky';
import { startFakeTT } from 'tt-token-manager/testing';
import { createScene, MARKETS } from './scene.mjs';

const doNotFake = ['nextTick', 'queueMicrotask', 'setImmediate'];

let scene;

beforeEach(async () => {
  scene = await createScene({ createTokenManager, startFakeTT }, { autoRefresh: false });
});

afterEach(async () => {
  jest.useRealTimers();
  await scene.close();
  expect(scene.storeFailures).toEqual([]);
});

test('a client gets its answer, and again after a 401', async () => {
  const { tt, manager } = scene;
  const client = authenticateKy(ky, manager);
  expect((await client.get(`${tt.url}${MARKETS}`)).status).toBe(200);
  tt.revokeAll();
  expect((await client.get(`${tt.url}${MARKETS}`)).status).toBe(200);
  expect(tt.tokenRequests).toHaveLength(2);
});

test('a token expires on fake timers', async () => {
  jest.useFakeTimers({ doNotFake });
  const { tt, manager } = scene;
  const first = await manager.getToken();
  jest.advanceTimersByTime(3_600_000);
  expect((await manager.getToken()).accessToken).not.toBe(first.accessToken);
  expect(tt.tokenRequests).toHaveLength(2);
});
