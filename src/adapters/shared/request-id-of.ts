/** Where an answer keeps a noted request ID; a global symbol, for other copies of this package. */
const noted = Symbol.for('tt-token-manager.request-id');

/** Errors stand in responses, requests and causes of each other, but not deeper than this. */
const deepest = 6;

/**
 * Returns the request ID that was sent last for a response or an error of axios, ky or fetch: TT's support asks
 * for it. Undefined where no request ID was sent, and for responses that a test made without a network.
 *
 * Requests cost nothing more for it: it reads what the client keeps of its request.
 * @example
 * ```ts
 * const response = await client.get(path).catch((error: unknown) => {
 *   log.error({ requestId: requestIdOf(error) }, 'TT request failed');
 *   throw error;
 * });
 * ```
 */
export function requestIdOf(answer: unknown): string | undefined {
  try {
    return find(answer, deepest);
  } catch {
    // Properties of other people's objects may throw; whoever logs an error wants no second one.
    return undefined;
  }
}

/** Notes the last request ID on an answer whose URL does not show it: an error, or one of another origin. */
export function noteRequestId(answer: unknown, requestId: string | undefined): void {
  if (requestId !== undefined && isObject(answer))
    Reflect.defineProperty(answer, noted, { value: requestId, configurable: true });
}

function find(value: unknown, depth: number): string | undefined {
  if (!isObject(value) || depth === 0) return undefined;
  const { response, request, cause, url, path, _currentUrl } = value;
  // A response, a request of fetch or Node, one of follow-redirects.
  return (
    find(response, depth - 1) ??
    inUrl(_currentUrl ?? url ?? path) ??
    find(request, depth - 1) ??
    (value[noted] as string | undefined) ??
    find(cause, depth - 1)
  );
}

function inUrl(url: unknown): string | undefined {
  if (typeof url !== 'string' || !url.includes('?')) return undefined;
  const query = url.slice(url.indexOf('?')).replace(/#.*/s, '');
  return new URLSearchParams(query).getAll('requestId').at(-1);
}

function isObject(value: unknown): value is Record<PropertyKey, unknown> {
  return typeof value === 'object' && value !== null;
}
