import { createHash } from 'node:crypto';
import { requestIdFor } from './request-id.js';

/*
 * The package's own requests, the token request above all, may go through a fetch that a program has authenticated,
 * such as the global one: they must be left as they are there, and not wait for the token that they are to bring.
 * Their request ID is the mark: the last 48 bits of its GUID follow from the others. A mark on the init would be lost
 * where a layer builds a Request, and a list of IDs would be unknown to other managers and copies of this package.
 */

const markLength = 12;
const markedId = /[?&]requestId=[^&#]*--([\da-f-]{24})([\da-f]{12})(?:[&#]|$)/;

/** Returns a new request ID for a request of the package's own. */
export function ownRequestIdFor(prefix: string): string {
  const random = requestIdFor(prefix).slice(prefix.length, -markLength);
  return prefix + random + markFor(random);
}

/** Returns whether a request is one of the package's own, by the request ID in its URL. */
export function isOwnRequest(url: string): boolean {
  if (!url.includes('requestId=')) return false;
  const [, random = '', mark] = markedId.exec(url) ?? [];
  return mark !== undefined && mark === markFor(random);
}

function markFor(random: string): string {
  return createHash('sha256')
    .update(`tt-token-manager ${random}`)
    .digest('hex')
    .slice(0, markLength);
}
