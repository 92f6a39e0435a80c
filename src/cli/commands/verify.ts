import { isUnexpired } from '../../base/token.js';
import { type ResolvedOptions, resolveOptions } from '../../options/options.js';
import { askApi } from '../ask-api.js';
import { configure, type Call } from '../configuration.js';
import { exitCodes } from '../failure.js';
import { describeToken, type Outcome } from '../output.js';
import { placeOf, readStored, type Stored } from '../stored-token.js';

/** Why a token is not valid. */
interface Problem {
  /** In a sentence. */
  readonly error: string;
  /** Stable name of the condition. */
  readonly code: string;
  /** In a word or two. */
  readonly reason: string;
}

/** Checks the stored token, with the API too for `--online`; refreshes nothing. */
export async function verify(call: Call): Promise<Outcome> {
  const { options, redact } = call;
  const resolved = configure(call, resolveOptions);
  const stored = await readStored(resolved, call);
  const { token, failure } = stored;
  const found = await problemOf(stored, resolved, call);
  const attempt = failure && redact.text(`${failure.code}: ${failure.message}`);
  const problem = found && attempt ? withAttempt(found, attempt) : found;
  const { expiry = '', lines = [], fields } = token ? describeToken(token, options) : {};
  const valid = `valid${options.online ? ' and accepted by the API' : ''}, until ${expiry}`;
  return {
    exitCode: problem ? exitCodes.notValid : exitCodes.success,
    lines: [problem ? `not valid: ${problem.error}` : valid, ...lines],
    fields: {
      success: !problem,
      valid: !problem,
      token_exists: token !== undefined,
      ...placeOf(resolved, call),
      ...fields,
      ...problem,
    },
    token: token?.accessToken,
  };
}

/** Why the token is not valid; undefined if it is. */
async function problemOf(
  { token, flaw }: Stored,
  resolved: ResolvedOptions,
  { options, redact }: Call,
): Promise<Problem | undefined> {
  if (!token) return flaw && { ...flaw, code: 'TOKEN_MISSING' };
  const now = Date.now();
  const { expiry } = describeToken(token, options);
  if (!isUnexpired(token, now)) {
    return { error: `the token expired at ${expiry}`, code: 'TOKEN_EXPIRED', reason: 'expired' };
  }
  const { online, 'min-seconds': minSeconds = '0' } = options;
  if (token.expiresAt - now < Number(minSeconds) * 1_000) {
    const error = `the token expires at ${expiry}, before the ${minSeconds} s of --min-seconds`;
    return { error, code: 'TOKEN_EXPIRES_SOON', reason: 'expires too soon' };
  }
  if (!online) return undefined;
  redact.learnToken(token.accessToken);
  for (const text of resolved.encryptionKey?.texts() ?? []) redact.learnSecret(text);
  const error = await askApi(resolved, token, redact);
  return error === undefined ? undefined : { error, code: 'TOKEN_REJECTED', reason: 'refused' };
}

/** Adds why the last attempt to get a token failed. */
function withAttempt({ error, code, reason }: Problem, attempt: string): Problem {
  return {
    error: `${error}; the last attempt to get one failed: ${attempt}`,
    code,
    reason: `${reason}; ${attempt}`,
  };
}
