// @vitest-environment happy-dom
import axios from 'axios';
import ky from 'ky';
import { createTokenManager } from 'tt-token-manager';
import { authenticateAxios } from 'tt-token-manager/axios';
import { authenticateFetch } from 'tt-token-manager/fetch';
import { authenticateKy } from 'tt-token-manager/ky';
import { startFakeTT } from 'tt-token-manager/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createScene, MARKETS } from './scene.mjs';

let scene;

beforeEach(async () => {
  scene = await createScene({ createTokenManager, startFakeTT });
});

afterEach(async () => {
  await scene.close();
  expect(scene.storeFailures).toEqual([]);
});

/** A function that gives the status of a call, by each client. */
const clients = {
  axios(manager) {
    const instance = axios.create({ adapter: 'http' });
    authenticateAxios(instance, manager);
    return (url, body) => instance.post(url, body);
  },
  ky(manager) {
    const client = authenticateKy(ky, manager);
    return (url, json) => client.post(url, { json });
  },
  fetch(manager) {
    const send = authenticateFetch(fetch, manager);
    return (url, body) => send(url, { method: 'POST', body: JSON.stringify(body) });
  },
  'fetch of a Request'(manager) {
    const send = authenticateFetch(fetch, manager);
    return (url, body) => send(new Request(url, { method: 'POST', body: JSON.stringify(body) }));
  },
};

test.each(Object.keys(clients))('%s sends, and again after a 401', async (name) => {
  const { tt, manager } = scene;
  const post = clients[name](manager);
  expect((await post(`${tt.url}${MARKETS}`, { text: 'a' })).status).toBe(200);
  tt.revokeAll();
  expect((await post(`${tt.url}${MARKETS}`, { text: 'a' })).status).toBe(200);
  expect(tt.tokenRequests).toHaveLength(2);
});
