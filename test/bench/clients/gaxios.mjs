import { fetchFor } from './shared.mjs';

async function bare(settings) {
  const { Gaxios } = await import('gaxios');
  const gaxios = new Gaxios(transport(settings));
  return {
    request: async (path) => (await gaxios.request({ url: settings.origin + path })).status,
  };
}

/** In memory only: over http it uses the fetch that it chooses itself. */
function transport(settings) {
  return settings.api === 'memory' ? { fetchImplementation: fetchFor(settings) } : {};
}

/** Its OAuth2Client, with the token endpoint of the service. */
async function google(settings, options) {
  const { OAuth2Client } = await import('google-auth-library');
  const { origin, name: clientId, token, bufferMs } = settings;
  const client = new OAuth2Client({
    clientId,
    clientSecret: 'secret',
    endpoints: { oauth2TokenUrl: `${origin}/token` },
    transporterOptions: transport(settings),
    ...(bufferMs !== undefined && { eagerRefreshThresholdMillis: bufferMs }),
    ...options,
  });
  client.setCredentials({
    refresh_token: 'none',
    ...(token && { access_token: token.accessToken, expiry_date: token.expiresAt }),
  });
  return {
    request: async (path) => (await client.request({ url: origin + path })).status,
    getToken: async () => (await client.getAccessToken()).token,
  };
}

export const clients = {
  'bare gaxios': bare,
  'google-auth-library': (settings) => google(settings, {}),
  'google-auth-library, forceRefreshOnFailure': (settings) =>
    google(settings, { forceRefreshOnFailure: true }),
};
