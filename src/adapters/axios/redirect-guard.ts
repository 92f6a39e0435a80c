import type { Authorization, TokenManager } from '../../manager/token-manager.js';
import { withoutRequestId, withRequestId } from '../../tt/request-url.js';
import { isCredential } from '../shared/headers.js';
import type { Trail } from './trail.js';
import type { AxiosConfigLike, BeforeRedirect, RedirectOptions } from './types.js';

/** The options that change where a request goes, beside its URL. */
const ways = ['socketPath', 'lookup', 'createConnection', 'nativeProtocols', 'defaultPort'];

/**
 * Returns the `beforeRedirect` for axios's http adapter. The caller's own hook runs first and sees the redirect as
 * it would without us. Then the redirect, as the hook left it, gets credentials if its target is trusted.
 * @throws what the hook throws, or an Error where a body would leave the trusted origins
 */
export function guardRedirects(
  manager: TokenManager,
  config: AxiosConfigLike,
  authorization: Authorization,
  trail: Trail,
): BeforeRedirect {
  const { beforeRedirect, data } = config;
  const method = methodOf(config);
  return (options, response, request) => {
    const status = (response as { statusCode?: number } | undefined)?.statusCode;
    options.headers = withoutCredentials(options.headers);
    // A redirect that became a GET has lost its body; the hook cannot change that.
    const keepsMethod = methodOf(options) === method;
    const keepsBody = keepsMethod || !/^(GET|HEAD)$/.test(methodOf(options));
    const carriesBody = data !== undefined && data !== null && keepsBody;
    const prepared = { ...options };
    if (beforeRedirect) callHook(beforeRedirect, options, response, request);
    const target = destination(options, prepared);
    if (target !== undefined && manager.isTrusted(target)) {
      options.headers = { ...withoutCredentials(options.headers), ...authorization.headers };
      const requestId = manager.createRequestId();
      options.path = withRequestId(String(options.path), requestId);
      const hop = { requestId, url: withoutRequestId(target), method: methodOf(options) };
      trail.goOn(status, () => hop, requestId);
    } else if (carriesBody) {
      throw new Error(
        'a redirect that would carry the body off the trusted origins was not followed',
      );
    } else {
      trail.goOn(status, undefined);
    }
  };
}

function methodOf({ method }: { method?: string | undefined }): string {
  return (method ?? 'GET').toUpperCase();
}

/** Calls the caller's hook with the redirect and the request before it, as they would be without us. */
function callHook(
  hook: BeforeRedirect,
  options: RedirectOptions,
  ...[response, request]: [response: unknown, request: Parameters<BeforeRedirect>[2]]
): void {
  for (const name of ['href', 'path', 'search'] as const) {
    const text = options[name];
    // A service may repeat the query, request ID included, in its Location.
    if (typeof text === 'string') options[name] = withoutRequestId(text);
  }
  if (!request) {
    hook(options, response);
    return;
  }
  const { url, headers } = request;
  hook(options, response, {
    ...request,
    url: withoutRequestId(url),
    headers: withoutCredentials(headers),
  });
}

/**
 * Returns the URL that a redirect will go to, as follow-redirects and Node read its options; undefined if that is
 * unknown. `href` is not used. For a proxy, the path is the whole URL.
 * @param prepared - the options before a hook changed them
 */
function destination(options: RedirectOptions, prepared: RedirectOptions): string | undefined {
  const { protocol, port = '' } = options;
  const hostname = options.hostname || options.host;
  const path = String(options.path);
  if (ways.some((name) => options[name] !== prepared[name])) return undefined;
  if (/^https?:\/\//i.test(path)) {
    const isSameProxy =
      protocol === prepared.protocol &&
      port === (prepared.port ?? '') &&
      hostname === (prepared.hostname || prepared.host);
    return isSameProxy ? path : undefined;
  }
  const isPlain = /^https?:$/.test(String(protocol)) && /^\d*$/.test(String(port));
  if (!isPlain || !path.startsWith('/') || !/^[\w.:[\]-]+$/.test(String(hostname)))
    return undefined;
  const host = hostname?.includes(':') ? `[${hostname.replace(/[[\]]/g, '')}]` : hostname;
  return `${protocol}//${host}${port ? `:${port}` : ''}${path}`;
}

function withoutCredentials(headers: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !isCredential(name)));
}
