import { createCipheriv, createDecipheriv, randomBytes, type KeyObject } from 'node:crypto';
import type { KeySource } from './key.js';
import type { StoreIdentity } from '../stores/store.js';

/*
 * A sealed text is `tt-sealed-1:` and, in base64url, nonce (12 bytes), tag (16 bytes) and AES-256-GCM
 * ciphertext. It opens only with the key that sealed it and for the owner that it was sealed for.
 */

/** Seals texts and opens them again. Both reject only where the key is a function that gives none. */
export interface Cipher {
  /** The text, encrypted; another one each time. */
  seal(text: string): Promise<string>;
  /** The text that was sealed; undefined with another key, for another owner, or if it was changed. */
  open(sealed: string): Promise<string | undefined>;
}

const prefix = 'tt-sealed-1:';
const algorithm = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;

/** Creates the cipher for the records of an owner. */
export function createCipher(
  key: KeySource,
  { environment, baseUrl, keyFingerprint }: StoreIdentity,
): Cipher {
  const bound = Buffer.from(prefix + [environment, baseUrl, keyFingerprint].join('\n'));
  return {
    seal: async (text) => encrypt(await key.get(), bound, text),
    async open(sealed) {
      const bytes = decode(sealed);
      return bytes && decrypt(await key.get(), bound, bytes);
    },
  };
}

/** Returns whether a text claims to be a sealed one. */
export function isSealed(text: string): boolean {
  return text.startsWith(prefix);
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
