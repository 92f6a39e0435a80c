import type { TokenErrorCode } from '../../base/errors.js';
import { storeIdentity } from '../../options/options.js';
import { readRecord } from '../../records/record.js';
import { attemptTokenRequest } from '../../tt/token-endpoint.js';
import { createTrustCheck } from '../../tt/trusted-origins.js';
import { describeToken } from '../output.js';
import { readRaw } from '../stored-token.js';
import { ok, warning, wrong } from './finding.js';
import type { Check, Scene } from './scene.js';

const name = 'token request';

/** With `--online`: whether TT gives a token, which is dropped. */
export const tokenRequest: Check = {
  name,
  needs: 'all',
  isWanted: ({ online }) => online === true,
  async look(scene) {
    const { options, resolved, redact } = scene;
    const forbiddenUntil = await readForbidden(scene);
    if (forbiddenUntil !== undefined) {
      const advice = `TT asked for no request before ${new Date(forbiddenUntil).toISOString()}`;
      return [warning(name, 'not made', advice)];
    }
    const isTrusted = createTrustCheck(resolved.baseUrl, resolved.trustedOrigins);
    const secret = await resolved.readSecret();
    redact.learnSecret(secret);
    const { signal } = new AbortController();
    const outcome = await attemptTokenRequest({ ...resolved, isTrusted, redact }, secret, signal);
    if ('failure' in outcome) {
      const { code, responseStatus, message } = outcome.failure;
      return [wrong(name, `${code}: ${message}`, adviceFor(code, responseStatus, scene))];
    }
    const { expiry } = describeToken(outcome.token, { ...options, show: false });
    return [ok(name, `TT gave a token, valid until ${expiry}; it is not kept`)];
  },
};

/** The end of a wait that the service itself asked for. */
async function readForbidden({ options, resolved }: Scene): Promise<number | undefined> {
  const stored = await readRaw(resolved, options).catch(() => undefined);
  const now = Date.now();
  const failure = readRecord(stored, storeIdentity(resolved), now)?.failure;
  const forbiddenUntil = failure ? failure.failedAt + (failure.forbiddenMs ?? 0) : 0;
  return forbiddenUntil > now ? forbiddenUntil : undefined;
}

function adviceFor(code: TokenErrorCode, status: number | undefined, { resolved }: Scene): string {
  const { environment } = resolved;
  if (code === 'TOKEN_RATE_LIMITED') return 'wait, and ask less often';
  if (code === 'TOKEN_RESPONSE_INVALID') return 'check TT_BASE_URL: this is not the TT REST API';
  if (code !== 'CREDENTIALS_REJECTED') return 'see the checks of proxy, DNS and network';
  const other = environment === 'UAT' ? 'LIVE' : 'UAT';
  const hint = `each key is for one environment, and this was ${environment}: is it one of ${other}?`;
  // The gateway in front of TT knows no secrets: it refuses a key that it does not know there.
  if (status === 403) return `${hint} Then set TT_ENVIRONMENT=${other}`;
  return `check TT_API_SECRET in the Setup page of TT; ${hint}`;
}
