import { readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { readTextFile } from './atomic-file.js';
import { isSealed } from '../sealed/cipher.js';
import type { TokenLocation } from './location.js';

/** The temporary file of a process that died while it wrote a plain record holds a token. */
export async function removePlainTemporaries({ folder, file }: TokenLocation): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const { name } = entry;
    if (!name.startsWith(`${basename(file)}.`) || !name.endsWith('.tmp') || !entry.isFile())
      continue;
    const text = await readTextFile(join(folder, name));
    if (text && !isSealed(text)) await rm(join(folder, name), { force: true });
  }
}
