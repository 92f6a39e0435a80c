import axios, { type AxiosHeaders } from 'axios';

type HeadersClass = typeof AxiosHeaders;

/**
 * Copies headers, by default into the class that they have: before axios 1.9, a copy of axios cannot read the
 * headers of another one, as its ESM and its CommonJS build are for each other.
 */
export function copyOfHeaders(headers: unknown, Class = classOf(headers)): AxiosHeaders {
  const isOther = !(headers instanceof Class) && isAxiosHeaders(headers);
  return Class.concat((isOther ? { ...headers } : headers) as never);
}

/** Returns the class of headers of axios; ours for those in another form. */
export function classOf(headers: unknown): HeadersClass {
  return isAxiosHeaders(headers) ? (headers.constructor as HeadersClass) : axios.AxiosHeaders;
}

function isAxiosHeaders(headers: unknown): headers is object {
  const { constructor } = (headers ?? {}) as { constructor?: Partial<HeadersClass> };
  return typeof constructor?.concat === 'function' && typeof constructor.accessor === 'function';
}
