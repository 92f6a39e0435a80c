import { createRedactor } from '../../base/redactor.js';
import { fingerprint } from '../../tt/credentials.js';
import { askKeyring, type KeyringAnswer, type KeyringRequest } from './process.js';
import type { StoreIdentity } from '../store.js';

/** The system keyring cannot be used. */
export class KeyringError extends Error {
  override readonly name = 'KeyringError';
  /** Marks the message as redacted already. */
  readonly syscall = 'keyring';
  /** The reason alone. */
  readonly reason: string;
  /** False where there is no keyring at all. */
  readonly isThere: boolean;

  constructor(reason: string, isThere: boolean) {
    super(`the system keyring cannot be used (${reason}): use a token file, encrypted if need be`);
    this.reason = reason;
    this.isThere = isThere;
  }
}

/** One text in the keyring; every promise rejects with a {@link KeyringError} where it cannot be used. */
export interface KeyringEntry {
  /** The text; undefined where there is none. */
  read(): Promise<string | undefined>;
  /** Puts a text in place of the one before. */
  write(text: string): Promise<void>;
  /** Removes the text; returns whether there was one. */
  remove(): Promise<boolean>;
}

/** Service under which everything is kept unless another is given. */
export const defaultService = 'tt-token-manager';

const answerMs = 5_000;
/** How long the keyring may take where a user can unlock it. */
export const unlockingMs = 60_000;
/** For so long, a failure counts for all requests: a hung keyring costs its time once, a user is asked once. */
const failureStandsMs = 30_000;

/**
 * Creates the access to one entry of the keyring; touches nothing yet.
 * @param timeoutMs how long the keyring may take, which may have to ask its user to unlock it
 */
export function keyringEntry(service: string, account: string, timeoutMs = answerMs): KeyringEntry {
  const ask = askKeyring(service, account);
  let failure: KeyringError | undefined;
  let failedAt = 0;

  async function use(request: KeyringRequest): Promise<KeyringAnswer> {
    if (failure && performance.now() - failedAt < failureStandsMs) throw failure;
    try {
      return await ask(request, timeoutMs);
    } catch (error) {
      failure = toKeyringError(error as NodeJS.ErrnoException, request.text);
      failedAt = performance.now();
      throw failure;
    }
  }

  return {
    read: async () => (await use({ method: 'getSecret' })) as string | undefined,
    async write(text) {
      await use({ method: 'setSecret', text });
    },
    remove: async () => (await use({ method: 'deleteCredential' })) as boolean,
  };
}

/** Creates the access to the text of one identity. */
export function tokenEntry(
  service: string,
  { environment, baseUrl, keyFingerprint }: StoreIdentity,
  timeoutMs?: number,
): KeyringEntry {
  const account = `token_${environment}_${fingerprint(baseUrl, keyFingerprint)}`;
  return keyringEntry(service, account, timeoutMs);
}

/** The keyring's own message may quote the text that it was to keep. */
function toKeyringError({ code, message }: NodeJS.ErrnoException, kept = ''): KeyringError {
  if (code === 'MODULE_NOT_FOUND') {
    return new KeyringError('@napi-rs/keyring is not installed', false);
  }
  if (message.includes('DBus') && !process.env.DBUS_SESSION_BUS_ADDRESS) {
    return new KeyringError('there is no D-Bus session', false);
  }
  const [sentence = ''] = message.split('. ');
  return new KeyringError(createRedactor(kept).text(sentence).slice(0, 120), true);
}
