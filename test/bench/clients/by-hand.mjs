// What the three clients by hand have in common: a token in a variable, and its refresh after a 401.
import { randomUUID } from 'node:crypto';
import { requestToken } from './shared.mjs';
import { apiKey } from './manager.mjs';

/** The session of one client: its credentials for a request, and their refresh. */
export function startSession(settings) {
  let token = settings.token;
  let refreshing;

  function refresh() {
    refreshing ??= requestToken(settings)
      .then((fetched) => (token = fetched))
      .finally(() => (refreshing = undefined));
    return refreshing;
  }
  return {
    /** The token for a request; a promise of one where it has to be fetched first. */
    current: () => (token && Date.now() < token.expiresAt ? token : refresh()),
    /** The next token, unless it is there already. */
    after: (refused) => (token === refused ? refresh() : token),
    headersFor: ({ accessToken }) => ({
      authorization: `Bearer ${accessToken}`,
      'x-api-key': apiKey,
    }),
    isTrusted: (url) => URL.canParse(url) && new URL(url).origin === settings.origin,
  };
}

/** A URL with a new request ID; everything else stays as it is. */
export function withNewRequestId(url) {
  const [target, fragment] = url.split('#', 2);
  const query = `${target.includes('?') ? '&' : '?'}requestId=Bench-By_Hand--${randomUUID()}`;
  return target + query + (fragment === undefined ? '' : `#${fragment}`);
}
