import { createSecretKey, type KeyObject } from 'node:crypto';
import { isUint8Array } from 'node:util/types';
import { createRedactor, type Redactor } from '../base/redactor.js';
import { singleFlight } from '../base/single-flight.js';

/**
 * 32 bytes as they are, in hex (64 digits) or in base64; or a function that gives them, such as one that
 * asks a KMS. Its answer is kept until a record does not open with it.
 */
export type EncryptionKey =
  string | Uint8Array | (() => string | Uint8Array | Promise<string | Uint8Array>);

/** A checked encryption key; rejects only where it is a function that gives none. */
export interface KeySource {
  /** The key, asked for where none is known yet. */
  known(): Promise<KeyObject>;
  /** The key as it is now: it may have been replaced since it was asked for. */
  latest(): Promise<KeyObject>;
  /** The forms of the key, as far as it is known, that must not be shown. */
  texts(): readonly string[];
}

type AskForKey = Extract<EncryptionKey, () => unknown>;

const keyBytes = 32;
/** A refresh uses its store several times: a function that failed is not asked each time. */
const failureStandsMs = 30_000;

/**
 * Checks an encryption key and keeps a copy of it.
 * @throws TypeError or RangeError that names `encryptionKey` and shows nothing of it.
 */
export function keySource(key: EncryptionKey): KeySource {
  if (typeof key === 'function') return askingSource(key);
  const given = toKey(key);
  const give = (): Promise<KeyObject> => Promise.resolve(given);
  return { known: give, latest: give, texts: () => textsOf(given) };
}

function askingSource(ask: AskForKey): KeySource {
  const asking = singleFlight<KeyObject>();
  let key: KeyObject | undefined;
  let failure: { readonly error: unknown; readonly at: number } | undefined;
  const texts = (): readonly string[] => (key ? textsOf(key) : []);

  async function latest(): Promise<KeyObject> {
    if (failure && performance.now() - failure.at < failureStandsMs) throw failure.error;
    try {
      return (key = await asking.run(() => request(ask, texts)));
    } catch (error) {
      failure = { error, at: performance.now() };
      throw error;
    }
  }

  return { known: () => (key ? Promise.resolve(key) : latest()), latest, texts };
}

/** Asks for the key; an error of the function may quote the key that is known. */
async function request(ask: AskForKey, texts: KeySource['texts']): Promise<KeyObject> {
  try {
    return toKey(await ask());
  } catch (error) {
    throw unreadable(error, createRedactor(texts));
  }
}

function unreadable(error: unknown, redact: Redactor): Error {
  const cause = redact.error(error);
  return new Error(`encryptionKey could not be read: ${redact.reason(error)}`, { cause });
}

/** The key as it may have been given, or be quoted. */
function textsOf(key: KeyObject): readonly string[] {
  const bytes = key.export();
  return (['hex', 'base64', 'base64url', 'latin1'] as const).map((form) => bytes.toString(form));
}

function toKey(value: unknown): KeyObject {
  const bytes = isUint8Array(value) ? value : decode(value);
  if (bytes?.length !== keyBytes) {
    throw new RangeError(`encryptionKey must be ${keyBytes} bytes, as such, in hex or in base64`);
  }
  return createSecretKey(bytes);
}

function decode(value: unknown): Buffer | undefined {
  if (typeof value !== 'string') {
    throw new TypeError('encryptionKey must be a Uint8Array, a string or a function');
  }
  const text = value.trim();
  if (/^[\da-f]{64}$/i.test(text)) return Buffer.from(text, 'hex');
  return /^[\w+/-]{43}=?$/.test(text) ? Buffer.from(text, 'base64') : undefined;
}
