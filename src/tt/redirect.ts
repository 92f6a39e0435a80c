import { parseUrl } from './trusted-origins.js';

/** What of a response can make it a redirect. */
interface RedirectResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | null | undefined };
}

/** The next request of a redirect chain. */
export interface RedirectStep {
  readonly url: string;
  readonly method: string;
  /** Whether the body and its headers go along: yes for 307 and 308, and where the method stays. */
  readonly keepsBody: boolean;
}

/** The place that a redirect names, absolute or relative; undefined where the response is no redirect. */
export function redirectLocation({ status, headers }: RedirectResponse): string | undefined {
  if (![301, 302, 303, 307, 308].includes(status)) return undefined;
  const location = headers.get('location');
  // A stand-in for a response may have a Map for its headers.
  return typeof location === 'string' ? decoded(location) : undefined;
}

/**
 * What a response asks to be requested next, as the Fetch standard has it: 303, and 301 and 302 of a POST,
 * become GET. Undefined where the response is no redirect or names no usable place.
 */
export function redirectStep(
  response: RedirectResponse,
  request: { readonly url: string; readonly method: string },
): RedirectStep | undefined {
  const { status } = response;
  const location = redirectLocation(response);
  const next = location === undefined ? undefined : parseUrl(location, request.url);
  if (!next || !/^https?:$/.test(next.protocol)) return undefined;
  const becomesGet =
    (status === 303 && !/^(GET|HEAD)$/.test(request.method)) ||
    (status < 303 && request.method === 'POST');
  return {
    url: next.href,
    method: becomesGet ? 'GET' : request.method,
    keepsBody: !becomesGet,
  };
}

/** A header's text has a character for each byte that came; the bytes of a Location are UTF-8 to fetch. */
function decoded(location: string): string {
  const isBytes = /[\x80-\xff]/.test(location) && !/[^\0-\xff]/.test(location);
  return isBytes ? Buffer.from(location, 'latin1').toString() : location;
}
