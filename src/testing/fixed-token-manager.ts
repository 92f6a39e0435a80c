import { randomUUID } from 'node:crypto';
import { throwIfAborted } from '../base/abort.js';
import { knownNames } from '../base/checks.js';
import { environmentPath, isTokenEndpoint } from '../base/environments.js';
import { TokenError } from '../base/errors.js';
import { formatBearerToken, isHeaderText, type Token } from '../base/token.js';
import type { TokenManager } from '../manager/token-manager.js';

/** Options of {@link fixedTokenManager}. */
export interface FixedTokenManagerOptions {
  /** The token that it gives; not a real one, as it goes to any URL. @default 'fixed-access-token' */
  readonly accessToken?: string | undefined;
}

const baseUrl = 'https://ttrestapi.trade.tt';
const dayMs = 86_400_000;

/**
 * Creates a token manager for unit tests: it gives one and the same token, asks nobody, and reads and writes nothing.
 * By its dates the token lives for a day from now on; it is given after that too, and after its refusal. Every `http:`
 * and `https:` URL is trusted, so that mocks may stand anywhere; token endpoints get no authorization. `apiUrl` is that
 * of UAT and does not check its arguments; no event is emitted. After `close()` its promises reject with a `TokenError`
 * of the code `MANAGER_CLOSED`, as those of a real one.
 * @throws TypeError or RangeError naming a wrong option.
 */
export function fixedTokenManager(options: FixedTokenManagerOptions = {}): TokenManager {
  knownNames(options, ['accessToken']);
  const { accessToken = 'fixed-access-token' } = options;
  if (typeof (accessToken as unknown) !== 'string') {
    throw new TypeError('accessToken must be a string');
  }
  if (!isHeaderText(accessToken)) {
    throw new RangeError('accessToken must hold printable ASCII characters only, and no spaces');
  }

  const obtainedAt = Date.now();
  const token: Token = Object.freeze({
    ...{ accessToken, tokenType: 'bearer', obtainedAt },
    expiresAt: obtainedAt + dayMs,
  });
  const headers = Object.freeze({
    'x-api-key': 'fixed-api-key',
    authorization: formatBearerToken(token),
  });
  const closing = new AbortController();

  const createRequestId = (): string => `Fixed-Token--${randomUUID()}`;
  const isTrusted = (url: string | URL): boolean => /^https?:\/\/[^/]/i.test(String(url).trim());

  /** Fails for a closed manager, and for a caller who has given up. */
  function check(signal?: AbortSignal): void {
    throwIfAborted(closing.signal);
    if (signal) throwIfAborted(signal);
  }

  function close(): Promise<void> {
    const message = 'the token manager is closed';
    closing.abort(new TokenError({ code: 'MANAGER_CLOSED', message }));
    return Promise.resolve();
  }

  /* eslint-disable @typescript-eslint/require-await -- a failed check is a rejection */
  return Object.freeze<TokenManager>({
    async getToken({ signal } = {}) {
      check(signal);
      return token;
    },
    async authorize(url, { signal } = {}) {
      check(signal);
      if (!isTrusted(url) || isTokenEndpoint(String(url))) return undefined;
      return { accessToken, requestId: createRequestId(), headers };
    },
    async status() {
      check();
      const { expiresAt } = token;
      const secondsUntilExpiry = Math.max(0, Math.floor((expiresAt - Date.now()) / 1_000));
      return Object.freeze({ exists: true, valid: true, expiresAt, secondsUntilExpiry });
    },
    isTrusted,
    createRequestId,
    invalidate: () => undefined,
    apiUrl(service, path = '') {
      const rest = path.replace(/^\/+/, '');
      const separator = /^(?:\?|$)/.test(rest) ? '' : '/';
      return `${baseUrl}/${service}/${environmentPath('UAT')}${separator}${rest}`;
    },
    on: () => () => undefined,
    close,
    [Symbol.asyncDispose]: close,
  });
}
