import type { Authorization } from '../../manager/token-manager.js';

/** Headers in any form that fetch takes. */
export type HeadersLike = RequestInit['headers'];

const credentialNames: readonly string[] = ['x-api-key', 'authorization'];
/** What a redirect to another origin takes off. */
const originHeaders: readonly string[] = [
  ...credentialNames,
  'cookie',
  'host',
  'proxy-authorization',
];
const bodyHeaders: readonly string[] = [
  'content-encoding',
  'content-language',
  'content-length',
  'content-location',
  'content-type',
];

/** The headers with our credentials in place of any of the same name. */
export function withCredentials(
  headers: HeadersLike,
  authorization: Authorization,
): Record<string, string> | Headers {
  if (headers === undefined) return { ...authorization.headers };
  if (isPlain(headers) && !Object.keys(headers).some(isCredential)) {
    return { ...headers, ...authorization.headers };
  }
  const merged = new Headers(headers);
  for (const [name, value] of Object.entries(authorization.headers)) merged.set(name, value);
  return merged;
}

/** What changes about a request when a redirect is followed. */
export interface RedirectChange {
  readonly leavesOrigin: boolean;
  readonly losesBody: boolean;
}

/** The headers that a redirect takes off a request. */
export function headersLostTo({ leavesOrigin, losesBody }: RedirectChange): readonly string[] {
  return [...(leavesOrigin ? originHeaders : []), ...(losesBody ? bodyHeaders : [])];
}

/** The headers without those that a redirect takes off. */
export function redirectedHeaders(headers: HeadersLike, change: RedirectChange): Headers {
  const kept = new Headers(headers);
  for (const name of headersLostTo(change)) kept.delete(name);
  return kept;
}

/** Tells whether a header carries our credentials. */
export function isCredential(name: string): boolean {
  return credentialNames.includes(name.toLowerCase());
}

function isPlain(headers: NonNullable<HeadersLike>): headers is Record<string, string> {
  return Object.getPrototypeOf(headers) === Object.prototype;
}
