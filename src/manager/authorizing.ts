import { throwIfAborted } from '../base/abort.js';
import { isTokenEndpoint } from '../base/environments.js';
import { formatBearerToken } from '../base/token.js';
import type { ResolvedOptions } from '../options/options.js';
import { isOwnRequest } from '../tt/own-request.js';
import { requestIdFor } from '../tt/request-id.js';
import type { TrustCheck } from '../tt/trusted-origins.js';
import { wrongOptions } from './call-options.js';
import type { TokenManager } from './token-manager.js';

/** Creates what authorizes requests with the tokens of a manager, until it is closed. */
export function createAuthorizing(
  { apiKey, requestIdPrefix }: ResolvedOptions,
  isTrusted: TrustCheck,
  getToken: TokenManager['getToken'],
  closed: AbortSignal,
): Pick<TokenManager, 'authorize' | 'createRequestId'> {
  const createRequestId = (): string => requestIdFor(requestIdPrefix);

  /** Not the token request, wherever it goes: it would wait for the token that it is to bring. */
  const isAuthorized = (url: string): boolean =>
    isTrusted(url) && !isTokenEndpoint(url) && !isOwnRequest(url);

  return {
    createRequestId,
    async authorize(url, options = {}) {
      const wrong = wrongOptions(options);
      if (wrong) throw wrong;
      throwIfAborted(closed);
      if (!isAuthorized(String(url))) return undefined;
      const token = await getToken({ signal: options.signal });
      const authorization = formatBearerToken(token);
      const headers = Object.freeze({ 'x-api-key': apiKey, authorization });
      return { accessToken: token.accessToken, requestId: createRequestId(), headers };
    },
  };
}
