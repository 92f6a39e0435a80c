/** The next request of a redirect chain. */
export interface RedirectStep {
  readonly url: string;
  readonly method: string;
  /** Whether the body and its headers go along: yes for 307 and 308, and where the method stays. */
  readonly keepsBody: boolean;
}

/**
 * What a response asks to be requested next, as the Fetch standard has it: 303, and 301 and 302 of a POST,
 * become GET. Undefined where the response is no redirect or names no usable place.
 */
export function redirectStep(
  response: { readonly status: number; readonly headers: { get(name: string): string | null } },
  request: { readonly url: string; readonly method: string },
): RedirectStep | undefined {
  const { status } = response;
  if (![301, 302, 303, 307, 308].includes(status)) return undefined;
  const location = response.headers.get('location');
  if (location === null || !URL.canParse(location, request.url)) return undefined;
  const becomesGet =
    (status === 303 && request.method !== 'HEAD') || (status < 303 && request.method === 'POST');
  return {
    url: new URL(location, request.url).href,
    method: becomesGet ? 'GET' : request.method,
    keepsBody: !becomesGet,
  };
}
