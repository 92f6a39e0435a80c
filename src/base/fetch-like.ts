/** What a fetch may be called with: the part that the platform's, undici's and node-fetch share. */
export interface FetchInit {
  /** The HTTP method. */
  method?: string;
  /** The headers by name. */
  headers?: Record<string, string>;
  /** The body. */
  body?: string;
  /** What happens to a redirect. */
  redirect?: 'follow' | 'error' | 'manual';
  /** Aborts the request. */
  signal?: AbortSignal;
}

/** The part of a response that those have in common, as far as this package reads it. */
export interface FetchResponse {
  /** The HTTP status. */
  readonly status: number;
  /** The URL that answered. */
  readonly url: string;
  /** The headers. */
  readonly headers: {
    /** Returns the text of a header; null where there is none. */
    get(name: string): string | null;
  };
  /** Reads the body. */
  text(): Promise<string>;
}

/** Returns a header of any response: of a mocked one, headers may be a Map, or absent. */
export function headerOf(response: { readonly headers?: unknown }, name: string): string | null {
  const headers = response.headers as { get?: (name: string) => unknown } | null | undefined;
  const value = typeof headers?.get === 'function' ? headers.get(name) : undefined;
  return typeof value === 'string' ? value : null;
}

/** Any fetch: the platform's, undici's own, node-fetch, or a function around one of them. */
export type FetchLike = (url: string, init: FetchInit) => Promise<FetchResponse>;
