import ky from 'ky';
import { fetchFor, finish, requestToken } from './shared.mjs';

function requestWith(settings, instance) {
  return async (path) => finish(settings, await instance.get(settings.origin + path));
}

function bare(settings) {
  return { request: requestWith(settings, ky.create({ fetch: fetchFor(settings) })) };
}

async function ours(settings) {
  const { authenticateKy } = await import('tt-token-manager/ky');
  const { createManager } = await import('./manager.mjs');
  const manager = createManager(settings);
  const instance = authenticateKy(ky.create({ fetch: fetchFor(settings) }), manager);
  const getToken = () => manager.getToken();
  return { request: requestWith(settings, instance), getToken, close: () => manager.close() };
}

async function byHand(settings) {
  const { kyFetchByHand } = await import('./by-hand-ky.mjs');
  const instance = ky.create({ fetch: kyFetchByHand(fetchFor(settings), settings) });
  return { request: requestWith(settings, instance) };
}

/** The recipe of ky's README, and a hook that sets the header. */
function readmeHooks(settings) {
  let token = settings.token?.accessToken;
  const instance = ky.create({
    fetch: fetchFor(settings),
    hooks: {
      beforeRequest: [
        ({ request }) => {
          if (token) request.headers.set('Authorization', `Bearer ${token}`);
        },
      ],
      afterResponse: [
        async ({ request, response, retryCount }) => {
          if (response.status !== 401 || retryCount > 0) return undefined;
          token = (await requestToken(settings)).accessToken;
          const headers = new Headers(request.headers);
          headers.set('Authorization', `Bearer ${token}`);
          const replay = new Request(request, { headers });
          return ky.retry({ request: replay, code: 'TOKEN_REFRESHED' });
        },
      ],
    },
  });
  return { request: requestWith(settings, instance) };
}

export const clients = {
  'bare ky': bare,
  'tt-token-manager, ky': ours,
  'the same by hand, ky': byHand,
  'ky README hooks': readmeHooks,
};
