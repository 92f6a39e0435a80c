import { parseJson } from '../base/parse-json.js';
import type { StoreIdentity } from '../stores/store.js';
import { createCipher, isSealed } from './cipher.js';
import type { KeySource } from './key.js';
import type { StoredRecord } from './record.js';

/** How a record stands in the text of a store. */
export interface RecordFormat {
  /** The record in a text, unchecked; undefined where there is none. Rejects a text of the other format. */
  parse(text: string): Promise<unknown>;
  /** The text of a record. */
  serialize(record: StoredRecord): Promise<string>;
}

/** Whoever wrote more did not write a record. */
const longestText = 262_144;

/**
 * The format of an owner's record: a line of JSON or, where there is a key, the same sealed. With a key, a
 * plain record is not trusted.
 */
export function recordFormat(owner: StoreIdentity, key: KeySource | undefined): RecordFormat {
  const cipher = key && createCipher(key, owner);
  return {
    async parse(text) {
      if (text.length > longestText) return undefined;
      const opened = cipher ? await cipher.open(text) : text;
      if (opened !== undefined && (cipher || !isSealed(opened))) return parseJson(opened);
      throw new Error(`the stored record is ${problemOf(text, key)}`);
    },
    async serialize(record) {
      const text = JSON.stringify(record);
      return cipher ? cipher.seal(text) : `${text}\n`;
    },
  };
}

function problemOf(text: string, key: KeySource | undefined): string {
  if (!key) return 'encrypted, and no key for it is given';
  if (!isSealed(text)) return 'not encrypted, as the key given for it demands';
  return 'encrypted with another key or for another owner, or was changed';
}
