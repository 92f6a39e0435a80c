import type { TokenManagerEventName, TokenManagerListener } from './events.js';
import type { Token } from '../base/token.js';

/** Options of {@link TokenManager.getToken}. */
export interface GetTokenOptions {
  /** Gives a token obtained after this call; ignores back-off, never a Retry-After. @default false */
  readonly forceRefresh?: boolean | undefined;
  /** Ends this caller's wait; a refresh that others may wait for goes on. */
  readonly signal?: AbortSignal | undefined;
}

/** What a request to a trusted URL carries. */
export interface Authorization {
  /** The token in the header: report it with {@link TokenManager.invalidate} when the API refuses it. */
  readonly accessToken: string;
  /** A new request ID for the query parameter `requestId`. */
  readonly requestId: string;
  /** The headers of the request. */
  readonly headers: {
    /** The app key. */
    readonly 'x-api-key': string;
    /** `Bearer` and the token. */
    readonly authorization: string;
  };
}

/** Whether there is a token, and for how long; never the token. */
export interface TokenStatus {
  /** Whether a token is held or stored, valid or not. */
  readonly exists: boolean;
  /** Whether it is unexpired, and no caller waits for another one in its place. */
  readonly valid: boolean;
  /** Epoch ms of its expiry. */
  readonly expiresAt?: number;
  /** True if the API has refused it, and it could not be replaced yet: it stays in use meanwhile. */
  readonly refused?: boolean;
  /** Whole seconds until then, 0 when it is past. */
  readonly secondsUntilExpiry?: number;
  /** Epoch ms before which no new attempt is made, after a failed one. */
  readonly retryAt?: number;
}

/** Gives every caller a valid token at the price of one token request. */
export interface TokenManager extends AsyncDisposable {
  /**
   * A valid token: from memory at once, else from the store, else from the token endpoint.
   * @throws TokenError when none can be had, or the signal's reason.
   */
  getToken(options?: GetTokenOptions): Promise<Token>;
  /**
   * Token, request ID and headers for a request; undefined for a URL that is not absolute, not trusted, or that
   * of the token endpoint, which is asked without a token.
   * @throws TokenError when no token can be had, or the signal's reason.
   */
  authorize(
    url: string | URL,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<Authorization | undefined>;
  /** Returns, without token or network, whether credentials may go to a URL. */
  isTrusted(url: string | URL): boolean;
  /** Reports that the API refused this very token; any other than the one held is ignored. */
  invalidate(accessToken: string): void;
  /** A new `<app>-<company>--<guid>`. */
  createRequestId(): string;
  /**
   * The URL of a path of the API in this manager's environment: `apiUrl('ttpds', 'markets')` is
   * `<baseUrl>/ttpds/ext_uat_cert/markets` for UAT.
   * @throws TypeError or RangeError that names `service` or `path`, for what would lead elsewhere.
   */
  apiUrl(service: string, path?: string): string;
  /** Whether there is a token, from memory and store, without network. @throws TokenError once closed. */
  status(): Promise<TokenStatus>;
  /** Listens to an event; returns the unsubscribe. @throws RangeError for an unknown event. */
  on<Name extends TokenManagerEventName>(
    name: Name,
    listener: TokenManagerListener<Name>,
  ): () => void;
  /** Gives up a refresh in flight and ends the manager; waiting and later calls reject. Idempotent. */
  close(): Promise<void>;
}
