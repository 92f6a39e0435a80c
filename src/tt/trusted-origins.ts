/** Decides which URLs may receive the app key, the token and a request ID. */
export type TrustCheck = (url: string | URL) => boolean;

const serviceHost = /[^.]\.trade\.tt$/;
// What a URL parser ignores.
const passedOver = /^[\0-\x20]+|[\t\n\r]+/g;
const withAuthority = /^https?:[/\\]{2}/i;

/**
 * Creates the check for a base URL and further origins. Where the base URL is the real service,
 * every `https://*.trade.tt` host is trusted too: TT redirects between its hosts.
 */
export function createTrustCheck(baseUrl: URL, furtherOrigins: readonly string[]): TrustCheck {
  const { origin } = baseUrl;
  const origins = new Set([origin, ...furtherOrigins]);
  const originSlash = `${origin}/`;
  const isService = isServiceUrl(baseUrl);
  return (url) => {
    if (typeof url === 'string' && (url === origin || url.startsWith(originSlash))) return true;
    const parsed = parseUrl(url);
    if (!parsed || !isWrittenOut(url)) return false;
    return origins.has(parsed.origin) || (isService && isServiceUrl(parsed));
  };
}

/**
 * Returns whether a URL is http or https and has `//` before its host. Without it, `http:host/x` is a path for
 * clients that have a base URL of the same scheme, as axios before 1.7.4 has `http://localhost`.
 */
function isWrittenOut(url: string | URL): boolean {
  return withAuthority.test(String(url).replace(passedOver, ''));
}

function isServiceUrl(url: URL): boolean {
  return url.protocol === 'https:' && url.port === '' && serviceHost.test(url.hostname);
}

/** Parses an absolute URL, or one relative to a base; undefined for anything else. */
export function parseUrl(url: unknown, base?: string): URL | undefined {
  // Not URL.canParse: in Node 20 it misreads non-ASCII text once it is optimized.
  try {
    return new URL(String(url), base);
  } catch {
    return undefined;
  }
}

/** Returns whether a URL may carry secrets: https, or http to this machine. */
export function isSecureUrl(url: URL): boolean {
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname));
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}
