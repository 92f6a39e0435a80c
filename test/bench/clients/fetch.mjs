import { readFile, rename, writeFile } from 'node:fs/promises';
import { fetchFor, finish, memoryFetch, requestToken } from './shared.mjs';

function bare(settings) {
  const send = fetchFor(settings);
  return { request: async (path) => finish(settings, await send(settings.origin + path)) };
}

async function ours(settings) {
  const { authenticateFetch } = await import('tt-token-manager/fetch');
  const { createManager } = await import('./manager.mjs');
  const manager = createManager(settings);
  const send = authenticateFetch(fetchFor(settings), manager);
  return {
    request: async (path) => finish(settings, await send(settings.origin + path)),
    getToken: () => manager.getToken(),
    close: () => manager.close(),
  };
}

/** The same over Redis, with a connection that is there before the first call. */
async function oursOverRedis({ redis: { port, keyPrefix }, ...settings }) {
  const { redisStore } = await import('tt-token-manager/redis');
  const { createClient } = await import('redis');
  const redis = createClient({ socket: { host: '127.0.0.1', port } });
  await redis.on('error', () => undefined).connect();
  const client = await ours({ ...settings, store: redisStore({ client: redis, keyPrefix }) });
  async function close() {
    await client.close();
    await redis.close();
  }
  return { ...client, close };
}

async function byHand(settings) {
  const { fetchByHand } = await import('./by-hand-fetch.mjs');
  const send = fetchByHand(fetchFor(settings), settings);
  return { request: async (path) => finish(settings, await send(settings.origin + path)) };
}

/** Twenty careful lines: expiry, one refresh at a time, one replay of a 401. */
function handWritten(settings, bringToken = () => requestToken(settings)) {
  const send = fetchFor(settings);
  let token = settings.token;
  let refreshing;

  function refresh() {
    refreshing ??= bringToken(token)
      .then((fetched) => (token = fetched))
      .finally(() => (refreshing = undefined));
    return refreshing;
  }
  async function getToken() {
    return token && Date.now() < token.expiresAt ? token : refresh();
  }
  function sendWith({ accessToken }, path) {
    const headers = { authorization: `Bearer ${accessToken}` };
    return send(settings.origin + path, { headers });
  }
  async function request(path) {
    const sent = await getToken();
    const response = await sendWith(sent, path);
    if (response.status !== 401) return finish(settings, response);
    await response.arrayBuffer();
    return finish(settings, await sendWith(await refresh(), path));
  }
  return { request, getToken };
}

/** The same, with proper-lockfile around "read the file again, else fetch and write". */
async function withLockfile(settings) {
  const { default: lockfile } = await import('proper-lockfile');
  const { tokenFile } = settings;
  const stale = 5_000; // half of its default: a dead process costs the others less
  const waits = { retries: 4_000, factor: 1, minTimeout: 10, maxTimeout: 20, randomize: true };

  async function read(refused) {
    const stored = await readFile(tokenFile, 'utf8').then(JSON.parse, () => undefined);
    const isOther = stored && stored.accessToken !== refused?.accessToken;
    return isOther && Date.now() < stored.expiresAt ? stored : undefined;
  }
  return handWritten(settings, async (refused) => {
    const stored = await read(refused);
    if (stored) return stored;
    const release = await lockfile.lock(tokenFile, { realpath: false, stale, retries: waits });
    try {
      const storedMeanwhile = await read(refused);
      if (storedMeanwhile) return storedMeanwhile;
      const fetched = await requestToken(settings);
      const temporary = `${tokenFile}.${process.pid}`;
      await writeFile(temporary, JSON.stringify(fetched), { mode: 0o600 });
      await rename(temporary, tokenFile);
      return fetched;
    } finally {
      await release();
    }
  });
}

async function badgateway(settings) {
  const { OAuth2Client, OAuth2Fetch } = await import('@badgateway/oauth2-client');
  const { origin, name: clientId } = settings;
  const tokenEndpoint = `${origin}/token`;
  const client = new OAuth2Client({ server: origin, tokenEndpoint, clientId, clientSecret: 's' });
  const wrapper = new OAuth2Fetch({ client, getNewToken: () => client.clientCredentials() });
  if (settings.api === 'memory') {
    await wrapper.getAccessToken();
    globalThis.fetch = memoryFetch; // the one that it calls
  }
  return {
    request: async (path) => finish(settings, await wrapper.fetch(origin + path)),
    getToken: () => wrapper.getAccessToken(),
  };
}

async function msal(settings) {
  const { createAcquire } = await import('./msal.mjs');
  const send = fetchFor(settings);
  const getToken = await createAcquire(settings);
  async function request(path) {
    const headers = { authorization: `Bearer ${await getToken()}` };
    return finish(settings, await send(settings.origin + path, { headers }));
  }
  return { request, getToken };
}

export const clients = {
  'bare fetch': bare,
  'tt-token-manager, fetch': ours,
  'the same by hand, fetch': byHand,
  'tt-token-manager, Redis': oursOverRedis,
  'hand-written fetch': (settings) => handWritten(settings),
  'hand-written fetch, proper-lockfile': withLockfile,
  '@badgateway/oauth2-client': badgateway,
  '@azure/msal-node, fetch': msal,
  'cached promise itself': ({ token }) => {
    const cached = Promise.resolve(token);
    return { getToken: () => cached };
  },
  'async function that awaits a cached promise': ({ token }) => {
    const cached = Promise.resolve(token);
    return { getToken: async () => await cached };
  },
};
