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
}

/** Options that all adapters have in common. */
export interface AdapterOptions {
  /**
   * Returns whether a response means that the API refused the token.
   * @default ({ status }) => status === 401
   */
  readonly isTokenRejected?:
    ((response: RejectableResponse) => boolean | Promise<boolean>) | undefined;
}

/** Returns the check of the options, or the default. A check that throws rejects instead. */
export function rejectionCheck(
  options: AdapterOptions = {},
): NonNullable<AdapterOptions['isTokenRejected']> {
  knownNames(options, ['isTokenRejected']);
  const { isTokenRejected = ({ status }) => status === 401 } = options;
  if (typeof (isTokenRejected as unknown) !== 'function') {
    throw new TypeError('isTokenRejected must be a function');
  }
  return (response) => {
    try {
      return isTokenRejected(response);
    } catch (reason) {
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- as the caller threw it
      return Promise.reject(reason);
    }
  };
}
