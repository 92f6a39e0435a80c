/**
 * Puts a request ID into the query of a URL, in place of one that is there; everything else, the order and
 * encoding of the other parameters and the fragment included, stays as it was written.
 */
export function withRequestId(url: string, requestId: string): string {
  const hashAt = url.indexOf('#');
  const fragment = hashAt === -1 ? '' : url.slice(hashAt);
  const target = hashAt === -1 ? withoutTail(url) : url.slice(0, hashAt);
  const queryAt = target.indexOf('?');
  if (queryAt === -1) return `${target}?requestId=${requestId}${fragment}`;
  const parameters = target
    .slice(queryAt + 1)
    .split('&')
    .filter((parameter) => !isRequestId(parameter));
  if (parameters.at(-1) === '') parameters.pop();
  return `${target.slice(0, queryAt)}?${[...parameters, `requestId=${requestId}`].join('&')}${fragment}`;
}

/** Returns a URL, or a query with its `?`, without request IDs; everything else stays as it is. */
export function withoutRequestId(url: string): string {
  const queryAt = url.indexOf('?');
  if (queryAt === -1) return url;
  const hashAt = url.indexOf('#');
  if (hashAt !== -1 && hashAt < queryAt) return url;
  const end = hashAt === -1 ? url.length : hashAt;
  const parameters = url.slice(queryAt + 1, end).split('&');
  const others = parameters.filter((parameter) => !isRequestId(parameter));
  if (others.length === parameters.length) return url;
  const query = others.length === 0 ? '' : `?${others.join('&')}`;
  return url.slice(0, queryAt) + query + url.slice(end);
}

/** A URL parser removes white space at the end; with a query behind it, it would stay. */
function withoutTail(url: string): string {
  return url.charCodeAt(url.length - 1) > 0x20 ? url : url.replace(/[\0-\x20]+$/, '');
}

/** Returns whether a server reads a parameter as a request ID: `request%49d=1` is one too. */
function isRequestId(parameter: string): boolean {
  if (parameter === 'requestId' || parameter.startsWith('requestId=')) return true;
  if (!/^[^=]*[%\t\n\r]/.test(parameter)) return false;
  return new URLSearchParams(`&${parameter.replace(/[\t\n\r]/g, '')}`).has('requestId');
}
