import { ConfidentialClientApplication } from '@azure/msal-node';

const authority = 'https://login.bench.local/tenant';

/**
 * Makes the function that acquires a token. MSAL takes https only: it gets the authority's metadata as text,
 * and a network client that brings its token requests to the service.
 */
export async function createAcquire({ origin, name }) {
  const realFetch = fetch;
  const networkClient = {
    async sendGetRequestAsync(url) {
      throw new Error(`unexpected GET ${url}`);
    },
    async sendPostRequestAsync(_url, { headers, body }) {
      const response = await realFetch(`${origin}/token`, { method: 'POST', headers, body });
      const { status } = response;
      return { status, headers: Object.fromEntries(response.headers), body: await response.json() };
    },
  };
  const application = new ConfidentialClientApplication({
    auth: {
      clientId: name,
      clientSecret: 'secret',
      authority,
      knownAuthorities: ['login.bench.local'],
      authorityMetadata: JSON.stringify({
        issuer: `${authority}/v2.0`,
        authorization_endpoint: `${authority}/authorize`,
        token_endpoint: `${authority}/token`,
        end_session_endpoint: `${authority}/logout`,
        jwks_uri: `${authority}/keys`,
      }),
      cloudDiscoveryMetadata: JSON.stringify({
        tenant_discovery_endpoint: `${authority}/.well-known/openid-configuration`,
        'api-version': '1.1',
        metadata: [
          {
            preferred_network: 'login.bench.local',
            preferred_cache: 'login.bench.local',
            aliases: ['login.bench.local'],
          },
        ],
      }),
    },
    system: { networkClient },
  });
  const scopes = ['bench/.default'];
  return async () => (await application.acquireTokenByClientCredential({ scopes })).accessToken;
}
