import type { AsyncEntry } from '@napi-rs/keyring';
import { withTimeout } from '../abort.js';
import { createRedactor } from '../secrecy.js';
import type { StoreIdentity } from './record.js';

/** The system keyring cannot be used. */
export class KeyringError extends Error {
  override readonly name = 'KeyringError';
  /** Marks the message as fit to be shown: what others said in it has been redacted already. */
  readonly syscall = 'keyring';
  /** Why it cannot be used, alone. */
  readonly reason: string;

  constructor(reason: string) {
    super(`the system keyring cannot be used (${reason}): use a token file, encrypted if need be`);
    this.reason = reason;
  }
}

/** One text in the keyring; every promise rejects with a {@link KeyringError} where it cannot be used. */
export interface KeyringEntry {
  /** The text; undefined where there is none. */
  read(): Promise<string | undefined>;
  /** Puts a text in place of the one before. */
  write(text: string): Promise<void>;
  /** Removes the text; tells whether there was one. */
  remove(): Promise<boolean>;
}

/** Service under which everything is kept unless another is given. */
export const defaultService = 'tt-token-manager';

const answerMs = 5_000;
/** How long the keyring may take where its user is there to unlock it. */
export const unlockingMs = 60_000;
/** A keyring service that hangs stops the event loop for up to 2 s: it is not asked again and again. */
const failureStandsMs = 30_000;
const unlimited = new AbortController().signal;

/**
 * Creates the access to one entry of the keyring; touches nothing yet.
 * @param timeoutMs how long the keyring may take, which may have to ask its user to unlock it
 */
export function keyringEntry(service: string, account: string, timeoutMs = answerMs): KeyringEntry {
  let opening: Promise<AsyncEntry> | undefined;
  let failure: KeyringError | undefined;
  let failedAt = 0;

  async function use<Result>(task: (entry: AsyncEntry) => Promise<Result>): Promise<Result> {
    if (failure && performance.now() - failedAt < failureStandsMs) throw failure;
    try {
      opening ??= openEntry(service, account);
      const entry = await opening;
      return await withTimeout(timeoutMs, unlimited, () => task(entry));
    } catch (error) {
      opening = undefined;
      failure = new KeyringError(reasonOf(error));
      failedAt = performance.now();
      throw failure;
    }
  }

  return {
    read: () =>
      use(async (entry) => {
        const bytes = await entry.getSecret();
        return bytes ? Buffer.from(bytes).toString() : undefined;
      }),
    // Bytes, not a password: that would take twice the room on Windows, where it is scarce.
    write: (text) => use((entry) => entry.setSecret(Buffer.from(text))),
    remove: () => use((entry) => entry.deleteCredential()),
  };
}

/** Creates the access to the record of one owner. */
export function tokenEntry(
  service: string,
  { environment, keyFingerprint }: StoreIdentity,
  timeoutMs?: number,
): KeyringEntry {
  return keyringEntry(service, `token_${environment}_${keyFingerprint}`, timeoutMs);
}

/** The Secret Service or nothing: the kernel's keyring, its stand-in on Linux, forgets. */
async function openEntry(service: string, account: string): Promise<AsyncEntry> {
  const { AsyncEntry } = await import('@napi-rs/keyring');
  return new AsyncEntry(service, account, { linux: { store: 'secret-service' } });
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ERR_MODULE_NOT_FOUND') return '@napi-rs/keyring is not installed';
  if (message.includes('DBus') && !process.env.DBUS_SESSION_BUS_ADDRESS) {
    return 'there is no D-Bus session';
  }
  const [sentence = ''] = message.split('. ');
  return createRedactor().text(sentence).slice(0, 120);
}
