import { parseJson } from '../base/parse-json.js';
import { createCipher, isSealed } from './cipher.js';
import type { KeySource } from './key.js';
import type { StoredRecord } from './record.js';
import type { StoreIdentity } from '../stores/store.js';

/** How a store holds a record as text. */
export interface RecordFormat {
  /** The record in a text, unchecked; undefined where there is none. Rejects a text of the other format. */
  parse(text: string): Promise<unknown>;
  /** The text of a record. */
  serialize(record: StoredRecord): Promise<string>;
}

/**
 * The format of an owner's record: a line of JSON or, where there is a key, the same sealed. With a key, a
 * plain record is not trusted.
 * @param place where the text is, for the messages
 */
export function recordFormat(
  place: string,
  key: KeySource | undefined,
  owner: StoreIdentity,
): RecordFormat {
  const cipher = key && createCipher(key, owner);
  return {
    async parse(text) {
      const opened = cipher ? await cipher.open(text) : text;
      if (opened !== undefined && (cipher || !isSealed(opened))) return parseJson(opened);
      throw new Error(`${place} is ${problemOf(text, key)}`);
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
