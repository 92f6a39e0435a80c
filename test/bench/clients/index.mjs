/*
 * A client is known by its family, which is also the file that makes it, and its name in the tables:
 * `axios:bare axios`. What is made of `settings` is { request(path), getToken?(), close?() }, where request
 * resolves to the status. The settings:
 *   origin        of the service
 *   api           'http', or 'memory' for answers that never leave the process
 *   name          to be known by at the service
 *   tokenFile     path for those that share a token between processes
 *   redis         { port, keyPrefix } for those that share it over Redis
 *   token         { accessToken, expiresAt } for those that can be given one
 *   bufferMs      how long before its expiry a token is to be refreshed, where that can be set
 */
export async function createClient(id, settings) {
  const { clients } = await import(`./${familyOf(id)}.mjs`);
  return clients[nameOf(id)](settings);
}

/** In each family the bare client comes first, then what is built on it. */
export const families = [
  [
    'axios:bare axios',
    'axios:tt-token-manager, axios',
    'axios:the same by hand, axios',
    'axios:axios-token-interceptor',
    'axios:axios-auth-refresh',
    'axios:axios-auth-refresh, deduplicateRefresh: false',
  ],
  ['ky:bare ky', 'ky:tt-token-manager, ky', 'ky:the same by hand, ky', 'ky:ky README hooks'],
  [
    'fetch:bare fetch',
    'fetch:tt-token-manager, fetch',
    'fetch:the same by hand, fetch',
    'fetch:hand-written fetch',
    'fetch:@badgateway/oauth2-client',
    'fetch:@azure/msal-node, fetch',
  ],
  ['gaxios:bare gaxios', 'gaxios:google-auth-library'],
  ['azure:bare @azure/core-rest-pipeline', 'azure:@azure/core-rest-pipeline, bearer policy'],
];

export function familyOf(id) {
  return id.slice(0, id.indexOf(':'));
}

export function nameOf(id) {
  return id.slice(id.indexOf(':') + 1);
}

export function isOurs(id) {
  return nameOf(id).startsWith('tt-token-manager');
}
