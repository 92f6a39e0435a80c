import { cipherWith, isSealed, ownerText } from './encryption.js';
import type { KeySource } from './encryption-key.js';
import type { StoreIdentity, StoredRecord } from './record.js';

/** How a token file holds its record. */
export interface FileFormat {
  /** The record in a text, unchecked; undefined where there is none. It rejects a text of the other format. */
  parse(text: string): Promise<unknown>;
  /** The text of a record. */
  serialize(record: StoredRecord): Promise<string>;
}

/** One line of JSON. */
export const plainFormat: FileFormat = {
  async parse(text) {
    if (isSealed(text)) throw new Error('the token file is encrypted, and no key for it is given');
    return Promise.resolve(parseJson(text));
  },
  serialize: (record) => Promise.resolve(`${JSON.stringify(record)}\n`),
};

/** The same, sealed for its owner: what does not open is rejected, and a plain record is not trusted. */
export function sealedFormat(key: KeySource, owner: StoreIdentity): FileFormat {
  const cipher = cipherWith(key, ownerText(owner));
  return {
    async parse(text) {
      const opened = await cipher.open(text);
      if (opened !== undefined) return parseJson(opened);
      throw new Error(
        isSealed(text)
          ? 'the token file is encrypted with another key or for another owner, or was changed'
          : 'the token file is not encrypted, as the key given for it demands',
      );
    },
    serialize: (record) => cipher.seal(JSON.stringify(record)),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
