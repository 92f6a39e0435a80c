import axios, { type AxiosAdapter } from 'axios';
import { expect, it } from 'vitest';
import { authenticateAxios } from '../../../src/adapters/axios/index.js';
import { markets, requestIds, setUp, startForeign } from '../setup.js';

const adapters: [string, AxiosAdapter | 'http'][] = [
  ['http', 'http'],
  ['a function around http', (config) => axios.getAdapter('http')(config)],
];

it.each(adapters)('follows as many redirects as the caller allows, over %s', async (_, adapter) => {
  const { tt, manager } = await setUp();
  tt.redirect('/a', { status: 302, location: '/b' });
  tt.redirect('/b', { status: 302, location: markets });
  const instance = axios.create({ baseURL: tt.url, adapter });
  authenticateAxios(instance, manager);
  expect((await instance.get('/a', { maxRedirects: 2 })).status).toBe(200);
  const error = { code: 'ERR_FR_TOO_MANY_REDIRECTS', config: { url: '/a', maxRedirects: 1 } };
  await expect(instance.get('/a', { maxRedirects: 1 })).rejects.toMatchObject(error);
  expect(requestIds(tt)).toBe(5);
  const none = { maxRedirects: 0, validateStatus: () => true };
  expect((await instance.get('/a', none)).status).toBe(302);
});

it.each(adapters)('counts a redirect to another host among them, over %s', async (_, adapter) => {
  const { tt, manager } = await setUp();
  const { url } = await startForeign();
  tt.redirect('/a', { status: 302, location: '/b' });
  tt.redirect('/b', { status: 302, location: url });
  const instance = axios.create({ baseURL: tt.url, adapter });
  authenticateAxios(instance, manager);
  expect((await instance.get('/a', { maxRedirects: 2 })).data).toBe('foreign');
  const error = { code: 'ERR_FR_TOO_MANY_REDIRECTS' };
  await expect(instance.get('/a', { maxRedirects: 1 })).rejects.toMatchObject(error);
});
