import { knownNames } from '../../base/checks.js';

/** What {@link AdapterOptions.isTokenRejected} is asked about. */
export interface RejectableResponse {
  readonly status: number;
  /** The response headers, by name in any case. */
  readonly headers: { get(name: string): string | null };
  readonly url: string;
}

/** Options that all adapters have in common. */
export interface AdapterOptions {
  /**
   * Tells whether a response means that the API refused the token.
   * @default ({ status }) => status === 401
   */
  readonly isTokenRejected?:
    ((response: RejectableResponse) => boolean | Promise<boolean>) | undefined;
}

/** The check that the options name, or the default. */
export function rejectionCheck(
  options: AdapterOptions = {},
): NonNullable<AdapterOptions['isTokenRejected']> {
  knownNames(options, ['isTokenRejected']);
  const { isTokenRejected = ({ status }) => status === 401 } = options;
  if (typeof (isTokenRejected as unknown) !== 'function') {
    throw new TypeError('isTokenRejected must be a function');
  }
  return isTokenRejected;
}
