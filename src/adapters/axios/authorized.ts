import type { AxiosHeaders } from 'axios';
import type { Authorization } from '../../manager/token-manager.js';
import { withoutRequestId } from '../../tt/request-url.js';
import { isCredential } from '../shared/headers.js';
import { classOf, copyOfHeaders } from './headers.js';
import { queryWith } from './query.js';
import type { AxiosConfigLike } from './types.js';

/** Returns the fields of a config that are sent in another form than the caller gave. */
export function authorized(
  config: AxiosConfigLike,
  authorization: Authorization,
): Partial<AxiosConfigLike> {
  const { headers, baseURL, auth, allowAbsoluteUrls } = config;
  const sent = queryWith(config, authorization.requestId);
  sent.headers = withCredentials(headers, authorization);
  const url = writtenUrl(config);
  // axios then reads even an absolute URL as a path.
  const isPath = baseURL && allowAbsoluteUrls === false;
  const cleanUrl = withoutRequestId(withoutTail(isPath ? url : withoutUserInfo(url)));
  if (cleanUrl !== config.url && url !== '') sent.url = cleanUrl;
  if (baseURL) {
    const base = withoutRequestId(withoutUserInfo(baseURL));
    sent.baseURL = url === '' ? withoutTail(base) : base;
  }
  if (auth) sent.auth = undefined;
  return sent;
}

/** Returns the url of a config as text; JavaScript callers may give a URL object. */
export function writtenUrl({ url }: AxiosConfigLike): string {
  return String(url ?? '');
}

/** A URL parser removes white space at the end; with a query behind it, it would stay. */
function withoutTail(url: string): string {
  if (!(url.charCodeAt(url.length - 1) <= 0x20)) return url;
  // After a base URL, white space alone is a path.
  return url.replace(/[\0-\x20]+$/, '') || '/';
}

/** A URL without its `user:password@`, which would beat the Authorization header, as `auth` would. */
function withoutUserInfo(url: string): string {
  return url.includes('@') ? url.replace(/^(https?:\/\/)[^/\\?#]*@/i, '$1') : url;
}

function withCredentials(headers: unknown, authorization: Authorization): AxiosHeaders {
  const Class = classOf(headers);
  const isFree = headers instanceof Class && !Object.keys(headers).some(isCredential);
  return isFree
    ? Object.assign(new Class(), headers, authorization.headers)
    : copyOfHeaders(headers).set(authorization.headers);
}
