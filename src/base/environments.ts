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

/**
 * Checks the name of an environment.
 * @throws RangeError naming `environment`.
 */
export function checkEnvironment(value: unknown): TTEnvironment {
  if (!isEnvironment(value)) throw new RangeError("environment must be 'UAT', 'SIM' or 'LIVE'");
  return value;
}

/**
 * Returns the path segment of an environment: `'ext_uat_cert'` for `'UAT'`.
 * @throws RangeError for anything else than an environment.
 */
export function environmentPath(environment: TTEnvironment): string {
  return environmentPaths[checkEnvironment(environment)];
}

/** Returns whether a URL is that of a token endpoint, of whatever environment. */
export function isTokenEndpoint(url: string): boolean {
  return url.includes('/ttid/') && /^[^?#]*\/ttid\/[^/?#]+\/token(?:[?#]|$)/.test(url);
}
