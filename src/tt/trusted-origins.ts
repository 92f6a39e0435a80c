/** Decides which URLs may receive the app key, the token and a request ID. */
export type TrustCheck = (url: string | URL) => boolean;

const serviceHost = /[^.]\.trade\.tt$/;

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
    // A blob: URL has the origin of the page that made it.
    if (!parsed?.protocol.startsWith('http')) return false;
    return origins.has(parsed.origin) || (isService && isServiceUrl(parsed));
  };
}

function isServiceUrl(url: URL): boolean {
  return url.protocol === 'https:' && url.port === '' && serviceHost.test(url.hostname);
}

/** Parses an absolute URL; undefined for anything else. */
export function parseUrl(url: unknown): URL | undefined {
  try {
    return new URL(String(url));
  } catch {
    return undefined;
  }
}

/** Tells whether a URL may carry secrets: https, or http to this very machine. */
export function isSecureUrl(url: URL): boolean {
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname));
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}
