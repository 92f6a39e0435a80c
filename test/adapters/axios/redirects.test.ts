import axios, { type AxiosAdapter } from 'axios';
import { expect, it } from 'vitest';
import { authenticateAxios } from '../../../src/adapters/axios/index.js';
import { markets, requestIds, setUp, setUpRefused, startForeign, startServer } from '../setup.js';

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

it.each(adapters)('keeps the token that another host has not seen, over %s', async (_, adapter) => {
  const { url } = await startServer((_request, response) => response.writeHead(401).end());
  const { tt, manager } = await setUp();
  const { accessToken } = await manager.getToken();
  tt.redirect('/a', { status: 302, location: url });
  const instance = axios.create({ baseURL: tt.url, adapter, validateStatus: () => true });
  authenticateAxios(instance, manager);
  expect((await instance.get('/a')).status).toBe(401);
  expect(tt.requests).toHaveLength(1);
  expect((await manager.getToken()).accessToken).toBe(accessToken);
});

it('replays what is refused after a way over another host', async () => {
  const { tt, manager } = await setUpRefused();
  const away = await startServer((_request, response) =>
    response.writeHead(302, { location: tt.url + markets }).end(),
  );
  tt.redirect('/a', { status: 302, location: away.url });
  const instance = axios.create({ baseURL: tt.url });
  authenticateAxios(instance, manager);
  expect((await instance.get('/a')).status).toBe(200);
});

it('fails as axios does where a redirect cannot be followed', async () => {
  const { tt, manager } = await setUp();
  tt.redirect('/a', { status: 302, location: '/b' });
  const instance = axios.create({ baseURL: tt.url, adapter: 'http' });
  authenticateAxios(instance, manager);
  const beforeRedirect = (): void => {
    throw new Error('vetoed');
  };
  await expect(instance.get('/a', { beforeRedirect })).rejects.toMatchObject({
    code: 'ERR_FR_REDIRECTION_FAILURE',
    message: 'Redirected request failed: vetoed',
  });
});
