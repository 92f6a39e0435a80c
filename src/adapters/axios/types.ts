/** The parts of axios's types that the adapter touches, alike in every 1.x. */
export interface AxiosConfigLike {
  adapter?: unknown;
  url?: string | URL | undefined;
  baseURL?: string | undefined;
  allowAbsoluteUrls?: boolean;
  method?: string;
  params?: unknown;
  data?: unknown;
  headers?: unknown;
  auth?: unknown;
  timeout?: number;
  timeoutErrorMessage?: string;
  transitional?: { clarifyTimeoutError?: boolean };
  signal?: AbortSignal;
  cancelToken?: {
    subscribe(listener: (reason: unknown) => void): void;
    unsubscribe(listener: (reason: unknown) => void): void;
  };
  maxRedirects?: number;
  fetchOptions?: Record<string, unknown>;
  beforeRedirect?: (options: RedirectOptions, ...details: unknown[]) => void;
}

/** What follow-redirects hands to `beforeRedirect`. */
export interface RedirectOptions {
  headers: Record<string, unknown>;
  href?: string;
  path?: string;
  method?: string;
  [option: string]: unknown;
}

/** A response of axios. */
export interface AxiosResponseLike {
  status: number;
  headers: unknown;
  data: unknown;
  config: unknown;
  request?: unknown;
}

/** An axios adapter. */
export type AxiosAdapterLike = (config: AxiosConfigLike) => Promise<AxiosResponseLike>;
