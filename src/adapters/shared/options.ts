import { knownNames } from '../../base/checks.js';

/** What {@link AdapterOptions.isTokenRejected} is asked about. */
export interface RejectableResponse {
  /** The HTTP status. */
  readonly status: number;
  /** The response headers, by name in any case. */
  readonly headers: {
    /** Returns the text of a header; null where there is none. */
    get(name: string): string | null;
  };
  /** The URL of the request, without its request ID. */
  readonly url: string;
  /** Returns the body as text, 64 KiB at most; the caller of the client still gets all of it. */
  text(): Promise<string>;
}

/** One attempt that left with credentials. */
export interface Attempt {
  /** The request ID that was sent. */
  readonly requestId: string;
  /** The HTTP method, in upper case. */
  readonly method: string;
  /** The URL, without the request ID. */
  readonly url: string;
  /** Whether it repeats a request whose token was refused; so do the redirects that follow it. */
  readonly isReplay: boolean;
  /** The HTTP status; absent where none is known. */
  readonly status?: number;
  /** What the client failed with, where there was no answer. */
  readonly error?: unknown;
}

/** Options that all adapters have in common. */
export interface AdapterOptions {
  /**
   * Returns whether a response means that the API refused the token.
   * @default ({ status }) => status === 401
   */
  readonly isTokenRejected?:
    ((response: RejectableResponse) => boolean | Promise<boolean>) | undefined;
  /**
   * Is told of each attempt that left with credentials, after it: first attempt, the client's own retry, replay,
   * redirect. For audit logs and traces. What it throws or rejects with is ignored.
   * @default nobody is told
   */
  readonly onAttempt?: ((attempt: Attempt) => unknown) | undefined;
}

/** The {@link AdapterOptions}, checked. */
export interface AdapterRules {
  readonly isTokenRejected: NonNullable<AdapterOptions['isTokenRejected']>;
  /** Tells of an attempt; absent where nobody listens. */
  readonly tell: ((attempt: Attempt) => void) | undefined;
}

/**
 * Checks the options of an adapter.
 * @throws TypeError for an unknown name, and what is no function
 */
export function rulesOf(options: AdapterOptions = {}): AdapterRules {
  knownNames(options, ['isTokenRejected', 'onAttempt']);
  const { isTokenRejected = ({ status }) => status === 401, onAttempt } = options;
  for (const [name, given] of Object.entries({ isTokenRejected, onAttempt })) {
    if (given !== undefined && typeof (given as unknown) !== 'function')
      throw new TypeError(`${name} must be a function`);
  }
  return { isTokenRejected, tell: onAttempt && ((attempt) => tell(onAttempt, attempt)) };
}

function tell(onAttempt: (attempt: Attempt) => unknown, attempt: Attempt): void {
  const ignore = (): void => undefined;
  try {
    Promise.resolve(onAttempt(Object.freeze(attempt))).catch(ignore);
  } catch {
    ignore();
  }
}
