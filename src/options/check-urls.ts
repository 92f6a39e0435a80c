import { text } from '../base/checks.js';
import { isSecureUrl, parseUrl } from '../tt/trusted-origins.js';

/* Checks of options that are URLs: a TypeError or RangeError names the option and shows nothing of its value. */

function secureUrl(name: string, value: unknown, allowInsecureHttp: boolean): URL {
  const url = parseUrl(text(name, value));
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw new RangeError(`${name} must be an absolute https: URL`);
  }
  if (!isSecureUrl(url) && !allowInsecureHttp) {
    throw new RangeError(`${name} must be https:, or http: on loopback (see allowInsecureHttp)`);
  }
  if (url.hostname.includes('*')) {
    throw new RangeError(`${name} must name whole hosts: * is no wildcard`);
  }
  if (url.username !== '' || url.password !== '' || /[?#]/.test(url.href)) {
    throw new RangeError(`${name} must hold neither user info nor query nor fragment`);
  }
  return url;
}

/** Checks the base URL and drops the slashes at its end. */
export function checkBaseUrl(value: unknown, allowInsecureHttp: boolean): URL {
  const url = secureUrl('baseUrl', value, allowInsecureHttp);
  url.pathname = url.pathname.replace(/\/+$/, '');
  return url;
}

/** Checks trusted origins and brings them into their normal form. */
export function checkOrigins(value: unknown, allowInsecureHttp: boolean): readonly string[] {
  if (!Array.isArray(value)) throw new TypeError('trustedOrigins must be an array of origins');
  const origins = value.map((entry: unknown) => {
    const url = secureUrl('trustedOrigins', entry, allowInsecureHttp);
    if (url.pathname !== '/')
      throw new RangeError('trustedOrigins must hold origins without a path');
    return url.origin;
  });
  return Object.freeze(origins);
}
