import { wrongOptions } from './call-options.js';
import { headersFor, type HeldToken } from './held-token.js';
import type { Authorization, GetTokenOptions, TokenManager } from './token-manager.js';
import { isTokenEndpoint } from '../base/environments.js';
import type { Token } from '../base/token.js';
import { isOwnRequest } from '../tt/own-request.js';
import { requestIdFor } from '../tt/request-id.js';
import type { TrustCheck } from '../tt/trusted-origins.js';

/** What {@link createAuthorizing} works with. */
export interface AuthorizingParts {
  readonly apiKey: string;
  readonly requestIdPrefix: string;
  readonly isTrusted: TrustCheck;
  getToken(options: GetTokenOptions): Promise<Token>;
  /** Returns the token held, if it is fresh. */
  fresh(): HeldToken | undefined;
  throwIfClosed(): void;
}

/** How requests are authorized with the tokens of a manager. */
export interface Authorizing extends Pick<TokenManager, 'authorize' | 'createRequestId'> {
  /** Authorizes synchronously, for the adapters; undefined if the caller has to wait. */
  authorizeNow(url: string): Authorization | undefined;
}

/** Creates the {@link Authorizing} of one manager. */
export function createAuthorizing(parts: AuthorizingParts): Authorizing {
  const { apiKey, requestIdPrefix, isTrusted, getToken, fresh, throwIfClosed } = parts;
  const createRequestId = (): string => requestIdFor(requestIdPrefix);

  /** Not the token request, wherever it goes: it would wait for the token that it is to bring. */
  const isAuthorized = (url: string): boolean =>
    isTrusted(url) && !isTokenEndpoint(url) && !isOwnRequest(url);

  function authorization({ accessToken }: Token, headers: Authorization['headers']): Authorization {
    return { accessToken, requestId: createRequestId(), headers };
  }

  return {
    createRequestId,
    async authorize(url, options = {}) {
      const wrong = wrongOptions(options);
      if (wrong) throw wrong;
      throwIfClosed();
      if (!isAuthorized(String(url))) return undefined;
      const token = await getToken({ signal: options.signal });
      return authorization(token, headersFor(token, apiKey));
    },
    authorizeNow(url) {
      const held = fresh();
      return held && isAuthorized(url) ? authorization(held.token, held.headers) : undefined;
    },
  };
}
