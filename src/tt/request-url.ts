/**
 * Puts a request ID into the query of a URL, in place of one that is there; everything else, the order and
 * encoding of the other parameters and the fragment included, stays as it was written.
 */
export function withRequestId(url: string, requestId: string): string {
  const hashAt = url.indexOf('#');
  const fragment = hashAt === -1 ? '' : url.slice(hashAt);
  const target = hashAt === -1 ? url : url.slice(0, hashAt);
  const queryAt = target.indexOf('?');
  if (queryAt === -1) return `${target}?requestId=${requestId}${fragment}`;
  const parameters = target
    .slice(queryAt + 1)
    .split('&')
    .filter((parameter) => parameter !== 'requestId' && !parameter.startsWith('requestId='));
  if (parameters.at(-1) === '') parameters.pop();
  return `${target.slice(0, queryAt)}?${[...parameters, `requestId=${requestId}`].join('&')}${fragment}`;
}
