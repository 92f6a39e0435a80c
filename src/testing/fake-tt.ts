import type {
  ApiFault,
  FakeFailure,
  FakeRedirect,
  FakeRequestFailure,
  FakeRequestFault,
  FakeTokenFault,
  TokenFault,
} from './faults.js';
import type { FakeReply } from './replies.js';
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
  /**
   * Prepares a fault for the next token requests, in one order with the failures; its name alone is one for the next
   * request; throws a `TypeError` or `RangeError` naming a wrong option.
   */
  faultNextTokenRequests(fault: TokenFault | FakeTokenFault): void;
  /** Prepares an answer for the next API requests, used up in order; throws a `TypeError` or `RangeError` naming a wrong option. */
  failNextRequests(failure: FakeRequestFailure): void;
  /**
   * Prepares a fault for the next API requests, in one order with the failures; its name alone is one for the next
   * request; throws a `TypeError` or `RangeError` naming a wrong option.
   */
  faultNextRequests(fault: ApiFault | FakeRequestFault): void;

  /**
   * Answers an exact path of the API (as sent, without its query) with status 200 and data of your own, after the
   * checks of app key, request ID and token, until another reply or {@link FakeTT.reset}: a string is sent as it is,
   * an object as JSON; a function is asked at each request and may return a promise. Tokens in it are sent as
   * `<token>`. A path of a service that the stand-in does not know counts as there from then on. Throws a `TypeError`
   * or `RangeError` naming a wrong argument.
   */
  reply(path: string, body: FakeReply): void;

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
   * Resolves when `count` token requests have arrived since the start, or the last reset; rejects with the reason of `signal`, with an
   * `Error` when the stand-in is closed first, with a `TypeError` or `RangeError` for a wrong count.
   */
  waitForTokenRequests(
    count: number,
    options?: { signal?: AbortSignal | undefined },
  ): Promise<void>;

  /**
   * For between two tests: empties both logs, forgets replies, failures, faults, redirects, used request IDs and what
   * counts towards quotas, ends holds, and sets all settings as they were at the start. Port and credentials stay,
   * and so do the tokens: a manager that lives on keeps its own.
   */
  reset(): void;

  /** Stops at once, destroying open connections; may be called again, and is what `await using` calls. */
  close(): Promise<void>;
}
