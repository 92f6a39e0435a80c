import { headerOf } from '../base/fetch-like.js';
import { parseUrl } from './trusted-origins.js';

/** The parts of a response that make it a redirect. */
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

/** Returns the target of a redirect, absolute or relative; undefined if the response is no redirect. */
export function redirectLocation(response: RedirectResponse): string | undefined {
  if (![301, 302, 303, 307, 308].includes(response.status)) return undefined;
  const location = headerOf(response, 'location');
  return location === null ? undefined : decoded(location);
}

/**
 * Returns the next request of a redirect by the Fetch standard: 303, and 301 and 302 of a POST, become GET.
 * Undefined if the response is no redirect or has no usable target.
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

/** Headers are read as Latin-1; fetch reads a Location as UTF-8. */
function decoded(location: string): string {
  const isBytes = /[\x80-\xff]/.test(location) && !/[^\0-\xff]/.test(location);
  return isBytes ? Buffer.from(location, 'latin1').toString() : location;
}
