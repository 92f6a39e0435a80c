const ENVIRONMENT = '(ext_uat_cert|ext_prod_sim|ext_prod_live)';
const SERVICE = '(?:ttpds|ttledger|ttmonitor|ttaccount|ttuser|ttgroup|ttsetup)';

// Exact case, as TT wants it; below an endpoint anything goes: that is where identifiers stand.
const TOKEN_PATH = new RegExp(`^/ttid/${ENVIRONMENT}/token$`);
const API_PATH = new RegExp(`^/${SERVICE}/${ENVIRONMENT}/[^/A-Z]+(?:/.*)?$`);

/** Whether the path aims at the token service, well or badly spelt. */
export function isTokenServicePath(path: string): boolean {
  return /^\/ttid(?:\/|$)/i.test(path);
}

export function tokenEnvironment(path: string): string | undefined {
  return TOKEN_PATH.exec(path)?.[1];
}

export function apiEnvironment(path: string): string | undefined {
  return API_PATH.exec(path)?.[1];
}
