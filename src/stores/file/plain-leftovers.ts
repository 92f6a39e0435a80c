import { lstat, readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { validate as isGuid } from 'uuid';
import { readTextFile } from './atomic-file.js';
import { isSealed } from '../sealed/cipher.js';
import { absent, type TokenLocation } from './location.js';

const ending = '.tmp';

/** The temporary file of a process that died while it wrote a plain record holds a token. */
export async function removePlainTemporaries({ folder, file }: TokenLocation): Promise<void> {
  const beginning = `${basename(file)}.`;
  for (const name of await readdir(folder)) {
    if (!name.startsWith(beginning) || !name.endsWith(ending)) continue;
    const path = join(folder, name);
    if (!isGuid(name.slice(beginning.length, -ending.length)) || !(await isOurs(path))) continue;
    const text = await readTextFile(path);
    if (text && !isSealed(text)) await rm(path, { force: true });
  }
}

async function isOurs(path: string): Promise<boolean> {
  const found = await lstat(path).catch(absent);
  const own = process.geteuid?.();
  return found?.isFile() === true && (own === undefined || found.uid === own);
}
