/** The environments of the TT REST API; each has its own path segment and its own tokens. */
export type TTEnvironment = 'UAT' | 'SIM' | 'LIVE';

/** Path segment of each environment (TT documentation, `tt-rest/v2/gs-intro`; SIM as used in the field). */
export const environmentPaths: Readonly<Record<TTEnvironment, string>> = {
  UAT: 'ext_uat_cert',
  SIM: 'ext_prod_sim',
  LIVE: 'ext_prod_live',
};

/** Returns whether a value names an environment. */
export function isEnvironment(value: unknown): value is TTEnvironment {
  return typeof value === 'string' && Object.hasOwn(environmentPaths, value);
}

/** URL of an endpoint, `<base>/<service>/<environment>/<endpoint>` (TT documentation, `tt-rest/v2/gs-intro`). */
export function endpointUrl(
  { baseUrl, environment }: { readonly baseUrl: URL; readonly environment: TTEnvironment },
  service: string,
  endpoint: string,
): string {
  return `${baseUrl.href.replace(/\/$/, '')}/${service}/${environmentPaths[environment]}/${endpoint}`;
}

/** Returns whether a URL is that of a token endpoint, of whatever environment. */
export function isTokenEndpoint(url: string): boolean {
  return url.includes('/ttid/') && /^[^?#]*\/ttid\/[^/?#]+\/token(?:[?#]|$)/.test(url);
}
