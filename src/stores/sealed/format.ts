import { cipherWith, isSealed, ownerText } from './cipher.js';
import type { KeySource } from './key.js';
import type { StoreIdentity, StoredRecord } from '../record.js';

/** How a store holds a record as text. */
export interface RecordFormat {
  /** The record in a text, unchecked; undefined where there is none. It rejects a text of the other format. */
  parse(text: string): Promise<unknown>;
  /** The text of a record. */
  serialize(record: StoredRecord): Promise<string>;
}

/**
 * A line of JSON or, where there is a key, the same sealed for its owner: then what does not open is rejected, and a
 * plain record is not trusted.
 * @param place where the text is, for the messages
 */
export function recordFormat(
  place: string,
  key: KeySource | undefined,
  owner: StoreIdentity,
): RecordFormat {
  return key ? sealedFormat(place, key, owner) : plainFormat(place);
}

function plainFormat(place: string): RecordFormat {
  return {
    async parse(text) {
      if (isSealed(text)) throw new Error(`${place} is encrypted, and no key for it is given`);
      return Promise.resolve(parseJson(text));
    },
    serialize: (record) => Promise.resolve(`${JSON.stringify(record)}\n`),
  };
}

function sealedFormat(place: string, key: KeySource, owner: StoreIdentity): RecordFormat {
  const cipher = cipherWith(key, ownerText(owner));
  return {
    async parse(text) {
      const opened = await cipher.open(text);
      if (opened !== undefined) return parseJson(opened);
      throw new Error(
        isSealed(text)
          ? `${place} is encrypted with another key or for another owner, or was changed`
          : `${place} is not encrypted, as the key given for it demands`,
      );
    },
    serialize: (record) => cipher.seal(JSON.stringify(record)),
  };
}

/** Parses JSON; undefined where it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
