import { unlink } from 'node:fs/promises';
import { type ResolvedOptions, resolveOptions, storeIdentity } from '../../options/options.js';
import { defaultTokenFile, expandHome } from '../../stores/file/default-path.js';
import { tokenFileStore } from '../../stores/file/index.js';
import { locate } from '../../stores/file/location.js';
import { recordFormat } from '../../records/format.js';
import { readRecord } from '../../records/record.js';
import type { StoreIdentity } from '../../stores/store.js';
import { keyringCredentials } from '../../options/from-keyring.js';
import { defaultService, tokenEntry, unlockingMs } from '../../stores/keyring/entry.js';
import { configure, type Call } from '../configuration.js';
import { environmentOf } from './login.js';
import type { Outcome } from '../output.js';
import { orUsageFailure } from '../system-keyring.js';

const alternative = 'unset TT_API_KEY and TT_API_SECRET, and delete the token file, by hand';

/** Removes app key and secret of one environment from the system keyring, and the token wherever it is. */
export async function logout(call: Call): Promise<Outcome> {
  const environment = environmentOf(call.variables);
  const stored = keyringCredentials(environment);
  const credentials = await orUsageFailure(alternative, stored.read());
  const apiKey = credentials?.apiKey ?? call.variables.TT_API_KEY;
  const hadToken = apiKey !== undefined && (await removeToken(apiKey, call));
  const hadCredentials = await orUsageFailure(alternative, stored.remove());
  const removed = [hadCredentials && 'app key and secret', hadToken && 'the token'].filter(Boolean);
  const line =
    removed.length > 0
      ? `removed for ${environment}: ${removed.join(' and ')}`
      : `nothing was stored for ${environment}`;
  return { lines: [line], fields: { success: true, environment } };
}

/** Removes the token of a key from keyring and file; returns whether there was one. */
async function removeToken(
  apiKey: string,
  { needs, variables, redact, output }: Call,
): Promise<boolean> {
  redact.learnSecret(apiKey);
  const ownVariables = { ...variables, TT_API_KEY: apiKey };
  const resolved = configure({ needs, variables: ownVariables }, resolveOptions);
  const identity = storeIdentity(resolved);
  const entry = tokenEntry(defaultService, identity, unlockingMs);
  const wasInKeyring = await orUsageFailure(alternative, entry.remove());
  const wasInFile = await removeTokenFile(resolved, identity).catch((error: unknown) => {
    output.warning(`the token file is left as it is: ${redact.reason(error)}`);
    return false;
  });
  return wasInKeyring || wasInFile;
}

/** Removes the token file, and no link to it, if it holds a record of this identity; returns whether it did. */
async function removeTokenFile(
  { tokenFile, encryptionKey }: ResolvedOptions,
  identity: StoreIdentity,
): Promise<boolean> {
  const text = await tokenFileStore(tokenFile).open(identity).read();
  const raw =
    text === undefined ? undefined : await recordFormat(identity, encryptionKey).parse(text);
  if (!readRecord(raw, identity, Date.now())) return false;
  const { file } = await locate(expandHome(tokenFile ?? defaultTokenFile(identity)));
  await unlink(file);
  return true;
}
