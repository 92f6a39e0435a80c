import axios, { type AxiosHeaders } from 'axios';
import type { Authorization } from '../../manager/token-manager.js';
import { withoutRequestId } from '../../tt/request-url.js';
import { isCredential } from '../shared/headers.js';
import { queryWith } from './query.js';
import type { AxiosConfigLike } from './types.js';

/** What of a config is sent in another form than the caller gave it. */
export function authorized(
  config: AxiosConfigLike,
  authorization: Authorization,
): Partial<AxiosConfigLike> {
  const { headers, baseURL, auth, allowAbsoluteUrls } = config;
  const sent = queryWith(config, authorization.requestId);
  sent.headers = withCredentials(headers, authorization);
  const url = writtenUrl(config);
  // What looks like a URL of its own is then a path to axios.
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

/** The url of a config; JavaScript callers give a URL too. */
export function writtenUrl({ url }: AxiosConfigLike): string {
  return String(url ?? '');
}

/** A URL parser cuts blanks off the end of a URL; with a query behind them, they would be part of it. */
function withoutTail(url: string): string {
  if (!(url.charCodeAt(url.length - 1) <= 0x20)) return url;
  // Behind a base URL, blanks alone are a path.
  return url.replace(/[\0-\x20]+$/, '') || '/';
}

/** A URL without its `user:password@`, which would beat the Authorization header, as `auth` would. */
function withoutUserInfo(url: string): string {
  return url.includes('@') ? url.replace(/^(https?:\/\/)[^/\\?#]*@/i, '$1') : url;
}

function withCredentials(headers: unknown, authorization: Authorization): AxiosHeaders {
  const isFree = headers instanceof axios.AxiosHeaders && !Object.keys(headers).some(isCredential);
  return isFree
    ? Object.assign(new axios.AxiosHeaders(), headers, authorization.headers)
    : axios.AxiosHeaders.concat(headers as never, authorization.headers);
}
