import type { ResolvedOptions } from '../options/options.js';
import { defaultTokenFile } from '../stores/file/default-path.js';
import { largestFile, notRegular } from '../stores/file/file-rules.js';
import { recordFormat } from '../stores/sealed/format.js';
import { readRecord, type StoreIdentity } from '../stores/record.js';
import { readFileSync, realpathSync, statSync, unlinkSync } from './builtins.js';

/**
 * The record in the token file, unchecked; undefined where there is none. The command has nothing else to do
 * meanwhile: it reads without the session of a store, which would load all that writes and locks.
 */
export async function readStoredRecord(
  { tokenFile, encryptionKey }: ResolvedOptions,
  identity: StoreIdentity,
): Promise<unknown> {
  const path = tokenFile ?? defaultTokenFile(identity);
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) return undefined;
  if (!found.isFile()) throw notRegular(path);
  if (found.size > largestFile) return undefined;
  const format = recordFormat('the token file', encryptionKey, identity);
  return format.parse(readFileSync(path, 'utf8'));
}

/** Removes the token file, and no link to it, if it holds a record of this identity; tells whether it did. */
export async function removeStoredRecord(
  options: ResolvedOptions,
  identity: StoreIdentity,
): Promise<boolean> {
  const raw = await readStoredRecord(options, identity);
  if (!readRecord(raw, identity, Date.now())) return false;
  unlinkSync(realpathSync(options.tokenFile ?? defaultTokenFile(identity)));
  return true;
}
