/** What a fetch may be called with: the part that the platform's, undici's and node-fetch share. */
export interface FetchInit {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
  redirect?: 'follow' | 'error' | 'manual';
  signal?: AbortSignal;
}

/** The part of a response that those have in common, as far as this package reads it. */
export interface FetchResponse {
  readonly status: number;
  readonly url: string;
  readonly headers: { get(name: string): string | null };
  text(): Promise<string>;
}

/** Any fetch: the platform's, undici's own, node-fetch, or a function around one of them. */
export type FetchLike = (url: string, init: FetchInit) => Promise<FetchResponse>;
