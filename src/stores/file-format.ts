import { readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { readTextFile } from './atomic-file.js';
import { cipherWith, isSealed, ownerText } from './encryption.js';
import type { KeySource } from './encryption-key.js';
import type { StoreIdentity, StoredRecord } from './record.js';
import type { TokenLocation } from './token-location.js';

/** How a token file holds its record. */
export interface FileFormat {
  /** Rejects where records can be neither read nor written. */
  ready(): Promise<void>;
  /** The record in a text, unchecked; undefined where there is none. It rejects a text of the other format. */
  parse(text: string): Promise<unknown>;
  /** The text of a record. */
  serialize(record: StoredRecord): Promise<string>;
  /** Removes what writers of another format have left beside the file. */
  cleanUp(location: TokenLocation): Promise<void>;
}

/** One line of JSON. */
export const plainFormat: FileFormat = {
  ready: () => Promise.resolve(),
  async parse(text) {
    if (isSealed(text)) throw new Error('the token file is encrypted, and no key for it is given');
    return Promise.resolve(parseJson(text));
  },
  serialize: (record) => Promise.resolve(`${JSON.stringify(record)}\n`),
  cleanUp: () => Promise.resolve(),
};

/** The same, sealed for its owner: what does not open is rejected, and a plain record is not trusted. */
export function sealedFormat(key: KeySource, owner: StoreIdentity): FileFormat {
  const cipher = cipherWith(key, ownerText(owner));
  return {
    async ready() {
      await key.known();
    },
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
    cleanUp: removePlainTemporaries,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The temporary file of a process that died while it wrote a plain record holds a token. */
async function removePlainTemporaries({ folder, file }: TokenLocation): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const { name } = entry;
    if (!name.startsWith(`${basename(file)}.`) || !name.endsWith('.tmp') || !entry.isFile())
      continue;
    const text = await readTextFile(join(folder, name));
    if (text && !isSealed(text)) await rm(join(folder, name), { force: true });
  }
}
