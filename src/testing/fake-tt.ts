import type { FakeFailure, FakeRedirect, FakeRequestFailure, FakeTokenFault } from './faults.js';
import type { FakeTTRequest } from './request-log.js';
import type { FakeTTSettings } from './settings.js';

/** A running stand-in for the TT REST API; it keeps the process alive until it is closed. */
export interface FakeTT extends AsyncDisposable {
  /** The base URL, `http://127.0.0.1:<port>`, without a slash at the end. */
  readonly url: string;
  /** The app key that it accepts. */
  readonly apiKey: string;
  /** The bare secret that it accepts. */
  readonly apiSecret: string;
  /** The requests to `/ttid`, in order of arrival, refused ones included; a live array. */
  readonly tokenRequests: readonly FakeTTRequest[];
  /** All other requests, in order of arrival, refused ones included; a live array. */
  readonly requests: readonly FakeTTRequest[];

  /** Changes settings for the requests that arrive from now on; throws a `TypeError` or `RangeError` naming a wrong one. */
  configure(settings: FakeTTSettings): void;

  /** Answers 401 to this access token from now on; does nothing for an unknown one. */
  revoke(accessToken: string): void;
  /** Answers 401 to every access token issued so far. */
  revokeAll(): void;

  /** Prepares an answer for the next token requests, used up in order; throws a `TypeError` or `RangeError` naming a wrong option. */
  failNextTokenRequests(failure: FakeFailure): void;
  /** Prepares a fault for the next token requests, in one order with the failures; throws a `TypeError` or `RangeError` naming a wrong option. */
  faultNextTokenRequests(fault: FakeTokenFault): void;
  /** Prepares an answer for the next API requests, used up in order; throws a `TypeError` or `RangeError` naming a wrong option. */
  failNextRequests(failure: FakeRequestFailure): void;

  /**
   * Redirects an exact path (without its query; the token endpoint's too) until {@link FakeTT.clearRedirects}: the
   * request is logged and its `requestId` counts as used, but its credentials are not checked; throws a `TypeError`
   * or `RangeError` naming a wrong option.
   */
  redirect(fromPath: string, redirect: FakeRedirect): void;
  /** Forgets every redirect. */
  clearRedirects(): void;

  /** Logs the token requests that arrive from now on and lets them wait until the returned function is called. */
  holdTokenRequests(): () => void;
  /**
   * Resolves when `count` token requests have arrived since the start; rejects with the reason of `signal`, with an
   * `Error` when the stand-in is closed first, with a `TypeError` or `RangeError` for a wrong count.
   */
  waitForTokenRequests(
    count: number,
    options?: { signal?: AbortSignal | undefined },
  ): Promise<void>;

  /** Stops at once, destroying open connections; may be called again, and is what `await using` calls. */
  close(): Promise<void>;
}
