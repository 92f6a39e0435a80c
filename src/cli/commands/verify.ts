import { type ResolvedOptions, resolveOptions, storeIdentity } from '../../options/options.js';
import { tokenFileStore } from '../../stores/file/index.js';
import { readRecord } from '../../stores/record.js';
import { isUnexpired, type Token } from '../../base/token.js';
import { askApi } from '../ask-api.js';
import { configure, type Call } from '../configuration.js';
import { expiryFields, expiryText, tokenLines } from '../expiry.js';
import { CommandFailure, exitCodes } from '../failure.js';
import type { Outcome } from '../output.js';
import { readKeyringRecord } from '../system-keyring.js';

/** Says whether the stored token is valid, asking the API only where `--online` wants it; refreshes nothing. */
export async function verify(call: Call): Promise<Outcome> {
  const { given, redact } = call;
  const resolved = configure(call, resolveOptions);
  const token = await readStoredToken(resolved, call);
  const now = Date.now();
  const show = given.show;

  if (!token) {
    return notValid('TOKEN_MISSING', 'no token is stored for this key, environment and base URL');
  }
  redact.learn(token.accessToken);
  for (const text of resolved.encryptionKey?.texts() ?? []) redact.learn(text);
  if (!isUnexpired(token, now)) {
    return notValid('TOKEN_EXPIRED', `the token expired at ${expiryText(token, now)}`);
  }
  if (given.online) {
    const refusal = await askApi(resolved, token, redact);
    if (refusal !== undefined) return notValid('TOKEN_REJECTED', refusal);
  }
  const accepted = given.online ? ' and accepted by the API' : '';
  return {
    exitCode: exitCodes.success,
    lines: [`valid${accepted}, until ${expiryText(token, now)}`, ...tokenLines(token, show)],
    fields: { success: true, valid: true, token_exists: true, ...expiryFields(token, now, show) },
  };

  function notValid(code: string, error: string): Outcome {
    return {
      exitCode: exitCodes.notValid,
      lines: [`not valid: ${error}`, ...tokenLines(token, show)],
      fields: {
        success: false,
        valid: false,
        token_exists: token !== undefined,
        ...(token && expiryFields(token, now, show)),
        error,
        code,
      },
    };
  }
}

/** The token in the store; a store that refuses has none. */
async function readStoredToken(
  resolved: ResolvedOptions,
  { given, redact, output }: Call,
): Promise<Token | undefined> {
  try {
    const identity = storeIdentity(resolved);
    const raw = await (given.store === 'keyring'
      ? readKeyringRecord(identity)
      : tokenFileStore(resolved.tokenFile, resolved.encryptionKey).open(identity).read());
    return readRecord(raw, identity, Date.now())?.token;
  } catch (error) {
    if (error instanceof CommandFailure) throw error;
    output.warning(`the token file cannot be read: ${redact.reason(error)}`);
    return undefined;
  }
}
