import { existsSync } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { type ResolvedOptions, storeIdentity } from '../options/options.js';
import { defaultTokenFile, expandHome } from '../stores/file/default-path.js';
import { tokenFileStore } from '../stores/file/index.js';
import { hasCode } from '../stores/file/file-errors.js';
import { recordFormat } from '../records/format.js';
import { readRecord, whyNoToken, type SharedState } from '../records/record.js';
import type { Call } from './configuration.js';
import { CommandFailure } from './failure.js';
import { readKeyringRecord } from './system-keyring.js';

/** What the store holds. */
export interface Stored extends SharedState {
  /** Why there is no token in it, in a word or two and in a sentence. */
  readonly flaw?: { readonly reason: string; readonly error: string };
}

/** Where the token of a call is kept: the field that says so, for programs. */
export function placeOf(
  resolved: ResolvedOptions,
  { options, redact }: Pick<Call, 'options' | 'redact'>,
): { readonly token_file?: string; readonly store?: string } {
  if (options.store === 'keyring') return { store: 'keyring' };
  try {
    return { token_file: redact.own(tokenFileOf(resolved)) };
  } catch {
    // There is no home folder, as reading says.
    return {};
  }
}

/**
 * The path of the token file.
 * @throws Error where it depends on the home folder and there is none.
 */
export function tokenFileOf(resolved: ResolvedOptions): string {
  return resolve(expandHome(resolved.tokenFile ?? defaultTokenFile(storeIdentity(resolved))));
}

/** Reads the store; one that cannot be read has no token, and that is a warning. */
export async function readStored(resolved: ResolvedOptions, call: Call): Promise<Stored> {
  const { options, redact, output } = call;
  const identity = storeIdentity(resolved);
  try {
    const raw = await readRaw(resolved, options);
    const state = readRecord(raw, identity, Date.now()) ?? {};
    if (state.token) return state;
    const { token_file: place = 'the system keyring' } = placeOf(resolved, call);
    const reason = whyNoToken(raw, identity);
    return { ...state, flaw: { reason, error: sentences[reason](place) } };
  } catch (error) {
    if (error instanceof CommandFailure) throw error;
    const why = `the token file cannot be read: ${redact.reason(error)}`;
    output.warning(why);
    const reason = (await isOfAnotherUser(resolved, error)) ? 'of another user' : 'unreadable';
    return { flaw: { reason, error: why } };
  }
}

/** The same, without a word. */
export function readQuietly(resolved: ResolvedOptions, call: Call): Promise<Stored> {
  return readStored(resolved, { ...call, output: { ...call.output, warning: () => undefined } });
}

const sentences = {
  none: (place) => `no token is stored in ${place} for this key, environment and base URL`,
  corrupt: (place) => `what ${place} holds is corrupt`,
  'of another key or environment': (place) =>
    `the token in ${place} is of another key, environment or base URL`,
  'dated ahead': (place) =>
    `the token in ${place} is dated ahead of the clock here: synchronize the clocks`,
} satisfies Record<ReturnType<typeof whyNoToken>, (place: string) => string>;

/** Reads the record in the store, unchecked; null where there is a token file that holds none. */
export async function readRaw(
  resolved: ResolvedOptions,
  { store }: Call['options'],
): Promise<unknown> {
  const identity = storeIdentity(resolved);
  if (store === 'keyring') return readKeyringRecord(identity);
  const { tokenFile, encryptionKey } = resolved;
  const text = await tokenFileStore(tokenFile).open(identity).read();
  if (text === undefined) return existsSync(tokenFileOf(resolved)) ? null : undefined;
  return (await recordFormat(identity, encryptionKey).parse(text)) ?? null;
}

/** Returns whether a token file that may not be read, or the folder or link in its way, is another user's. */
async function isOfAnotherUser(resolved: ResolvedOptions, error: unknown): Promise<boolean> {
  if (process.geteuid === undefined || !hasCode(error, 'EACCES', 'EPERM')) return false;
  const file = tokenFileOf(resolved);
  const found = await lstat(file).catch(() => lstat(dirname(file)).catch(() => undefined));
  return found !== undefined && found.uid !== process.geteuid();
}
