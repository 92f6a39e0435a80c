import { v4 } from 'uuid';

const guid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;
const forbidden = /[$&+,/:;=?@"<>#%{}|\\^~[\]`]|[^\x21-\x7e]/g;

/**
 * Returns a text that may be part of a request ID: white space becomes `_`, characters that TT forbids,
 * and all beyond printable ASCII, are removed. `'My @App/Name'` becomes `'My_AppName'`.
 * @throws TypeError when `text` is no string.
 */
export function sanitizeRequestIdPart(text: string): string {
  if (typeof (text as unknown) !== 'string') throw new TypeError('text must be a string');
  return text.trim().replace(/\s/g, '_').replace(forbidden, '');
}

/** `<app>-<company>--`, what every request ID of an application starts with. */
export function requestIdPrefix(appName: string, companyName: string): string {
  return `${cleanPart('appName', appName)}-${cleanPart('companyName', companyName)}--`;
}

function cleanPart(name: string, text: string): string {
  if (typeof (text as unknown) !== 'string') throw new TypeError(`${name} must be a string`);
  const part = sanitizeRequestIdPart(text);
  if (part === '') {
    throw new RangeError(`${name} must contain a character that a requestId may hold`);
  }
  return part;
}

/** A request ID with a new GUID behind a prefix made by {@link requestIdPrefix}. */
export function requestIdFor(prefix: string): string {
  return prefix + v4();
}

/**
 * A new request ID, `<app>-<company>--<uuid v4>`; TT wants a new one for every request, retries included
 * (TT documentation, `tt-rest/v2/gs-before`).
 * @throws TypeError or RangeError, naming the part, when a part is no string or is empty after cleaning.
 */
export function createRequestId(appName: string, companyName: string): string {
  return requestIdFor(requestIdPrefix(appName, companyName));
}

/** Returns whether a text is a GUID in its usual form of 8-4-4-4-12 hexadecimal digits. */
export function isGuid(text: string): boolean {
  return guid.test(text);
}
