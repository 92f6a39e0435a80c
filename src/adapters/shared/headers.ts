import type { Authorization } from '../../manager/token-manager.js';
import { classOf } from './platform-class.js';

/** Headers in any form that fetch takes. */
export type HeadersLike = RequestInit['headers'];

const credentialNames: readonly string[] = ['x-api-key', 'authorization'];
/** The headers that a redirect to another origin removes. */
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

/** Returns the headers with our credentials, which replace headers of the same names. */
export function withCredentials(
  headers: HeadersLike,
  authorization: Authorization,
): Record<string, string> | Headers {
  if (!headers) return { ...authorization.headers };
  if (isPlain(headers) && !Object.keys(headers).some(isCredential)) {
    return { ...headers, ...authorization.headers };
  }
  const merged = copyOfHeaders(headers);
  for (const [name, value] of Object.entries(authorization.headers)) merged.set(name, value);
  return merged;
}

/** Copies headers. Only the class that they have, of which a client may bring its own, knows the case of names. */
export function copyOfHeaders(headers: HeadersLike): Headers {
  const isOther = Object.prototype.toString.call(headers) === '[object Headers]';
  const Class = isOther ? classOf(headers as Headers, 'Headers') : Headers;
  return new Class(headers);
}

/** How a redirect changes a request. */
export interface RedirectChange {
  readonly leavesOrigin: boolean;
  readonly losesBody: boolean;
}

/** Returns the names of the headers that a redirect removes. */
export function headersLostTo({ leavesOrigin, losesBody }: RedirectChange): readonly string[] {
  return [...(leavesOrigin ? originHeaders : []), ...(losesBody ? bodyHeaders : [])];
}

/** Returns the headers without those that a redirect removes. */
export function redirectedHeaders(headers: HeadersLike, change: RedirectChange): Headers {
  const kept = copyOfHeaders(headers);
  for (const name of headersLostTo(change)) kept.delete(name);
  return kept;
}

/** Returns whether a header carries our credentials. */
export function isCredential(name: string): boolean {
  return credentialNames.includes(name.toLowerCase());
}

function isPlain(headers: NonNullable<HeadersLike>): headers is Record<string, string> {
  return Object.getPrototypeOf(headers) === Object.prototype;
}
