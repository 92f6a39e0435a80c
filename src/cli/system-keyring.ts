import {
  defaultService,
  tokenEntry,
  unlockingMs,
  type KeyringError,
} from '../stores/keyring/entry.js';
import type { StoreIdentity } from '../stores/store.js';
import { parseJson } from '../base/parse-json.js';
import { usageFailure } from './failure.js';

/**
 * The record in the keyring, unchecked; undefined where there is none, null where it is no JSON. The user has time to unlock it.
 * @throws CommandFailure where there is no keyring.
 */
export async function readKeyringRecord(identity: StoreIdentity): Promise<unknown> {
  const text = await orUsageFailure(
    'use --store file, with TT_TOKEN_FILE_KEY if it is to be encrypted',
    tokenEntry(defaultService, identity, unlockingMs).read(),
  );
  return text === undefined ? undefined : (parseJson(text) ?? null);
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
