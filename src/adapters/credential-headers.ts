import type { Authorization } from '../token-manager.js';

/** Headers in any form that fetch takes. */
export type HeadersLike = RequestInit['headers'];

const credentialNames: readonly string[] = ['x-api-key', 'authorization'];
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

/** The headers for another origin, or for a request that has lost its body on the way. */
export function strippedHeaders(
  headers: HeadersLike,
  { credentials, body }: { readonly credentials: boolean; readonly body: boolean },
): Headers {
  const stripped = new Headers(headers);
  if (credentials) for (const name of [...credentialNames, 'cookie']) stripped.delete(name);
  if (body) for (const name of bodyHeaders) stripped.delete(name);
  return stripped;
}

/** Tells whether a header carries our credentials. */
export function isCredential(name: string): boolean {
  return credentialNames.includes(name.toLowerCase());
}

function isPlain(headers: NonNullable<HeadersLike>): headers is Record<string, string> {
  return Object.getPrototypeOf(headers) === Object.prototype;
}
