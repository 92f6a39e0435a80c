import { environmentPath, environmentPaths, type TTEnvironment } from '../base/environments.js';

/** Where an API lives, and for which environment. */
interface ApiPlace {
  readonly baseUrl: URL;
  readonly environment: TTEnvironment;
}

const segments: readonly string[] = Object.values(environmentPaths);

/**
 * Returns the URL of a path of the API, `<base URL>/<service>/<environment path>/<path>` (TT documentation,
 * `tt-rest/v2/gs-intro`). Slashes around the service and before the path, and white space around both, are dropped;
 * what a URL cannot hold is percent-encoded; what is encoded, and the query, stay as they are.
 * @throws TypeError or RangeError, naming `service` or `path`, for what would lead elsewhere: dot segments,
 * backslashes, control characters, a fragment, a URL, a second environment.
 */
export function apiUrl({ baseUrl, environment }: ApiPlace, service: string, path = ''): string {
  const base = baseUrl.href.replace(/\/$/, '');
  const root = `${base}/${checkService(service)}/${environmentPath(environment)}`;
  const rest = checkPath(path);
  return rest === '' ? root : new URL(rest.startsWith('?') ? root + rest : `${root}/${rest}`).href;
}

function checkService(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError('service must be a string');
  const service = value.trim().replace(/^\/+|\/+$/g, '');
  if (!/^[\w-]+$/.test(service) || segments.includes(service))
    throw new RangeError("service must be the name of a service alone, such as 'ttpds'");
  return service;
}

function checkPath(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError('path must be a string');
  const path = value.trim().replace(/^\/+/, '');
  const parts = (path.split('?', 1)[0] ?? '').split('/');
  if (/\p{Cc}|\\/u.test(path))
    throw new RangeError('path must hold neither control characters nor backslashes');
  if (/^[a-z][a-z\d+.-]*:\/\//i.test(path)) throw new RangeError('path must not be a whole URL');
  if (path.includes('#')) throw new RangeError('path must not hold a fragment: write %23 for #');
  if (parts.some((part) => /^(?:\.|%2e){1,2}$/i.test(part)))
    throw new RangeError('path must hold no segments "." or ".."');
  if (parts.some((part) => segments.includes(part)))
    throw new RangeError('path must not name an environment: it follows that of the manager');
  return path.replace(/%(?![\da-f]{2})/gi, '%25');
}
