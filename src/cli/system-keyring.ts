import { resolveOptions, storeIdentity } from '../options/options.js';
import { parseJson } from '../stores/sealed/format.js';
import { missingCredentials } from '../options/from-keyring.js';
import {
  defaultService,
  tokenEntry,
  unlockingMs,
  type KeyringError,
} from '../stores/keyring/entry.js';
import type { StoreIdentity } from '../stores/record.js';
import type { TokenStore } from '../stores/store.js';
import type { Arguments } from './arguments.js';
import { configure, type Call } from './configuration.js';
import { usageFailure } from './failure.js';
import type { Output } from './output.js';
import type { Variables } from './variables.js';

/* What the command does with the system keyring, which is loaded only where one of these is called. */

/** What is taken from the keyring where no variable gives it. */
const neededFromKeyring: Partial<Record<Arguments['action'], readonly string[]>> = {
  get: ['TT_API_KEY', 'TT_API_SECRET'],
  verify: ['TT_API_KEY'],
};

/** The variables, with app key and secret from the keyring where they are needed and not set. */
export async function completedFromKeyring(
  variables: Variables,
  action: Arguments['action'],
  output: Output,
): Promise<Variables> {
  const lacks = neededFromKeyring[action]?.some((name) => variables[name] === undefined);
  if (!lacks) return variables;
  try {
    return { ...variables, ...(await missingCredentials(variables)) };
  } catch (error) {
    // What is missing without a keyring, and a wrong TT_ENVIRONMENT, is told with everything else that is wrong.
    const { isThere, reason } = error as Partial<KeyringError>;
    if (isThere) output.warning(`the system keyring gives no key and no secret (${reason})`);
    return variables;
  }
}

/**
 * Opens the keyring as the store of the token.
 * @throws CommandFailure where there is none, or where a variable is missing or wrong.
 */
export async function openKeyringStore(call: Call): Promise<TokenStore> {
  await readKeyringRecord(configure(call, (options) => storeIdentity(resolveOptions(options))));
  return (await import('../stores/keyring/index.js')).keyringStore();
}

/**
 * The record in the keyring, unchecked; undefined where there is none. Its user has time to unlock it.
 * @throws CommandFailure where there is no keyring.
 */
export async function readKeyringRecord(identity: StoreIdentity): Promise<unknown> {
  const text = await orUsageFailure(
    'use --store file, with TT_TOKEN_FILE_KEY if it is to be encrypted',
    tokenEntry(defaultService, identity, unlockingMs).read(),
  );
  return parseJson(text ?? '');
}

/**
 * Waits for the keyring.
 * @throws CommandFailure that names an alternative where the keyring cannot be used.
 */
export async function orUsageFailure<Result>(
  alternative: string,
  using: Promise<Result>,
): Promise<Result> {
  try {
    return await using;
  } catch (error) {
    const { reason = 'unknown error' } = error as Partial<KeyringError>;
    throw usageFailure(`the system keyring cannot be used (${reason}): ${alternative}`);
  }
}
