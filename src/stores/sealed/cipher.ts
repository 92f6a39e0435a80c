import type { KeyObject } from 'node:crypto';
import { createCipheriv, createDecipheriv, randomBytes } from '../../base/lazy-crypto.js';
import { keySource, type EncryptionKey, type KeySource } from './key.js';
import type { StoreIdentity } from '../record.js';

export type { EncryptionKey } from './key.js';

/*
 * A sealed text is `tt-sealed-1:` and, in base64url, nonce (12 bytes), tag (16 bytes) and AES-256-GCM
 * ciphertext. Each has a nonce of its own and opens only with the key and the associated data of its making.
 */

/** Seals texts and opens them again. Both reject only where the key is a function that gives none. */
export interface Cipher {
  /** The text, encrypted; another one each time. */
  seal(text: string): Promise<string>;
  /** The text that was sealed; undefined with another key or other associated data, or if it was changed. */
  open(sealed: string): Promise<string | undefined>;
}

const prefix = 'tt-sealed-1:';
const algorithm = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;

/**
 * Creates a cipher.
 * @param key the key; a function is asked when the key is needed first, and again when a text does not open
 * @param associatedData what a sealed text is bound to, such as {@link ownerText}
 * @throws TypeError or RangeError that names `encryptionKey` and shows nothing of it.
 */
export function createCipher(key: EncryptionKey, associatedData: string): Cipher {
  return cipherWith(keySource(key), associatedData);
}

/** Creates a cipher for a key that has been checked, and may be shared by several. */
export function cipherWith(key: KeySource, associatedData: string): Cipher {
  const bound = Buffer.from(prefix + associatedData);
  return {
    seal: async (text) => encrypt(await key.known(), bound, text),
    async open(sealed) {
      const bytes = decode(sealed);
      if (!bytes) return undefined;
      return decrypt(await key.known(), bound, bytes) ?? decrypt(await key.latest(), bound, bytes);
    },
  };
}

/** Tells whether a text claims to be a sealed one. */
export function isSealed(text: string): boolean {
  return text.startsWith(prefix);
}

/** The owner of a record as associated data. */
export function ownerText({ environment, baseUrl, keyFingerprint }: StoreIdentity): string {
  return [environment, baseUrl, keyFingerprint].join('\n');
}

function encrypt(key: KeyObject, bound: Buffer, text: string): string {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv(algorithm, key, nonce, { authTagLength: tagBytes }).setAAD(bound);
  const ciphertext = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return prefix + Buffer.concat([nonce, cipher.getAuthTag(), ciphertext]).toString('base64url');
}

function decrypt(key: KeyObject, bound: Buffer, bytes: Buffer): string | undefined {
  const nonce = bytes.subarray(0, nonceBytes);
  const tag = bytes.subarray(nonceBytes, nonceBytes + tagBytes);
  const decipher = createDecipheriv(algorithm, key, nonce, { authTagLength: tagBytes });
  decipher.setAAD(bound).setAuthTag(tag);
  const text = decipher.update(bytes.subarray(nonceBytes + tagBytes));
  try {
    return Buffer.concat([text, decipher.final()]).toString('utf8');
  } catch {
    return undefined;
  }
}

/** Only the very text that was written counts: base64 has several for the same bytes. */
function decode(sealed: string): Buffer | undefined {
  if (!isSealed(sealed)) return undefined;
  const encoded = sealed.slice(prefix.length);
  const bytes = Buffer.from(encoded, 'base64url');
  const isWhole = bytes.length >= nonceBytes + tagBytes && bytes.toString('base64url') === encoded;
  return isWhole ? bytes : undefined;
}
