import axios from 'axios';
import { tokenForm } from './shared.mjs';

const memoryAdapter = (config) =>
  Promise.resolve({ data: 'ok', status: 200, statusText: 'OK', headers: {}, config, request: {} });

function instanceFor({ origin, api }) {
  return axios.create({ baseURL: origin, ...(api === 'memory' && { adapter: memoryAdapter }) });
}

function requestWith(instance) {
  return async (path) => (await instance.get(path)).status;
}

function bare(settings) {
  return { request: requestWith(instanceFor(settings)) };
}

async function ours(settings) {
  const { authenticateAxios } = await import('tt-token-manager/axios');
  const { createManager } = await import('./manager.mjs');
  const manager = createManager(settings);
  const instance = instanceFor(settings);
  authenticateAxios(instance, manager);
  const getToken = () => manager.getToken();
  return { request: requestWith(instance), getToken, close: () => manager.close() };
}

async function byHand(settings) {
  const { authenticateByHand } = await import('./by-hand-axios.mjs');
  const instance = instanceFor(settings);
  authenticateByHand(instance, settings);
  return { request: requestWith(instance) };
}

/** With the request interceptor of its README; it knows no expiry and acts on a 401. */
async function authRefresh(settings, options) {
  const { createAuthRefresh } = await import('axios-auth-refresh');
  const instance = instanceFor(settings);
  let token = settings.token?.accessToken;
  instance.interceptors.request.use((config) => {
    config.headers.Authorization = `Bearer ${token}`;
    return config;
  });
  async function refresh({ response }) {
    const { data } = await axios.post(`${settings.origin}/token`, tokenForm(settings));
    token = data.access_token;
    response.config.headers.Authorization = `Bearer ${token}`;
  }
  createAuthRefresh(instance, refresh, options);
  return { request: requestWith(instance) };
}

/** With axios-oauth-client, as the READMEs of both show. */
async function tokenInterceptor(settings) {
  const { default: tokenProvider } = await import('axios-token-interceptor');
  const { clientCredentials } = await import('axios-oauth-client');
  const instance = instanceFor(settings);
  const url = `${settings.origin}/token`;
  const getCached = tokenProvider.tokenCache(
    clientCredentials(axios.create(), url, settings.name, 'secret'),
    { getMaxAge: ({ expires_in }) => expires_in * 1_000 },
  );
  const headerFormatter = ({ access_token }) => `Bearer ${access_token}`;
  instance.interceptors.request.use(tokenProvider({ getToken: getCached, headerFormatter }));
  return {
    request: requestWith(instance),
    getToken: async () => (await getCached()).access_token,
  };
}

export const clients = {
  'bare axios': bare,
  'tt-token-manager, axios': ours,
  'the same by hand, axios': byHand,
  'axios-token-interceptor': tokenInterceptor,
  'axios-auth-refresh': (settings) => authRefresh(settings, {}),
  'axios-auth-refresh, deduplicateRefresh: false': (settings) =>
    authRefresh(settings, { deduplicateRefresh: false }),
};
