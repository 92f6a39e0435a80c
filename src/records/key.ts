import { createSecretKey, type KeyObject } from 'node:crypto';
import { isUint8Array } from 'node:util/types';
import { askedFor } from '../base/asked.js';
import { createRedactor, type Redactor } from '../base/redactor.js';

/**
 * 32 bytes as they are, in hex (64 digits) or in base64; or a function that gives them, such as one that
 * asks a KMS. It has 4 s to answer; its answer, or failure, counts for 5 s.
 */
export type EncryptionKey =
  string | Uint8Array | (() => string | Uint8Array | Promise<string | Uint8Array>);

/** A checked encryption key. */
export interface KeySource {
  /** The key as it is now, give or take 5 s; rejects only where it is a function that gives none. */
  get(): Promise<KeyObject>;
  /** The forms of the key that must not be shown; of a function, those of its last twelve. */
  texts(): readonly string[];
}

type AskForKey = Extract<EncryptionKey, () => unknown>;

const keyBytes = 32;
/** Less than a store has for an operation: then the message names the key. */
const answerMs = 4_000;
const keptMs = 5_000;
const mostKnown = 12;

/**
 * Checks an encryption key and keeps a copy of it.
 * @throws TypeError or RangeError that names `encryptionKey` and shows nothing of it.
 */
export function keySource(key: EncryptionKey): KeySource {
  if (typeof key === 'function') return askingSource(key);
  const given = toKey(key);
  return { get: () => Promise.resolve(given), texts: () => textsOf(given) };
}

function askingSource(ask: AskForKey): KeySource {
  const known: KeyObject[] = [];
  const texts = (): readonly string[] => known.flatMap(textsOf);
  const asked = askedFor(answerMs, new AbortController().signal, async () => toKey(await ask()));

  async function get(): Promise<KeyObject> {
    try {
      const key = await asked(keptMs);
      if (!known.some((one) => one.equals(key))) known.push(key);
      if (known.length > mostKnown) known.shift();
      return key;
    } catch (error) {
      throw unreadable(error, createRedactor(texts));
    }
  }

  return { get, texts };
}

/** An error of the function may quote a key that is known. */
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
