/** Where a config says which manager has put its credentials on, for an adapter of ours within another one. */
export const sentFor = Symbol.for('tt-token-manager.sent-for');

/** What it says. */
export interface SentMark {
  readonly manager: object;
  /** Whether the config has been sent. */
  isUsed: boolean;
}

/** The parts of axios's types that the adapter touches, alike in every 1.x. */
export interface AxiosConfigLike {
  adapter?: unknown;
  url?: string | URL | undefined;
  baseURL?: string | undefined;
  allowAbsoluteUrls?: boolean | undefined;
  method?: string | undefined;
  params?: unknown;
  paramsSerializer?: unknown;
  data?: unknown;
  headers?: unknown;
  auth?: unknown;
  /** Milliseconds; JavaScript callers give text too. */
  timeout?: number | string;
  timeoutErrorMessage?: string;
  transitional?: { clarifyTimeoutError?: boolean };
  signal?: AbortSignal;
  cancelToken?: {
    subscribe(listener: (reason: unknown) => void): void;
    unsubscribe(listener: (reason: unknown) => void): void;
  };
  maxRedirects?: number | undefined;
  maxContentLength?: number;
  fetchOptions?: Record<string, unknown>;
  beforeRedirect?: BeforeRedirect | undefined;
  transformRequest?: unknown;
  [sentFor]?: SentMark;
}

/** What follow-redirects hands to `beforeRedirect`: options of Node's `http.request`. */
export interface RedirectOptions {
  headers: Record<string, unknown>;
  href?: string;
  protocol?: string;
  hostname?: string;
  host?: string;
  port?: string | number;
  path?: string;
  method?: string;
  [option: string]: unknown;
}

/** The request that was redirected; axios before 1.13 does not pass it. */
export interface RedirectedRequest {
  url: string;
  method: string;
  headers: Record<string, unknown>;
}

/** A `beforeRedirect` of axios. */
export type BeforeRedirect = (
  options: RedirectOptions,
  response?: unknown,
  request?: RedirectedRequest,
) => void;

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
