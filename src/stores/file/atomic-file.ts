import { constants, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { v4 } from 'uuid';
import { largestFile } from './file-rules.js';
import { absent } from './location.js';

// O_NONBLOCK (undefined, hence 0, on Windows): a FIFO put in the file's place must not block.
const readWithoutBlocking = constants.O_RDONLY | constants.O_NONBLOCK;

/** Reads a text file; undefined where there is none, or one that is too large to be a token file. */
export async function readTextFile(file: string): Promise<string | undefined> {
  const handle = await open(file, readWithoutBlocking).catch(absent);
  if (!handle) return undefined;
  try {
    const { size } = await handle.stat();
    return size > largestFile ? undefined : await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}

/** How {@link replaceFile} goes about it. */
export interface ReplaceOptions {
  /** Asked right before the file is replaced; `false` leaves the old one. */
  readonly confirm?: () => Promise<boolean>;
  /** Path of the temporary file; it must not exist. */
  readonly temporary?: string;
}

/**
 * Replaces a file as a whole: readers see the old or the new text, and a crash leaves one of them.
 * The file ends with mode 0600 whatever it had. Tells whether it was replaced.
 */
export async function replaceFile(
  file: string,
  text: string,
  { confirm, temporary = temporaryFor(file, v4()) }: ReplaceOptions = {},
): Promise<boolean> {
  try {
    const handle = await open(temporary, 'wx', 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    if (confirm && !(await confirm())) return false;
    await rename(temporary, file);
    await syncFolder(dirname(file));
    return true;
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Path of the temporary file that belongs to a writer. */
export function temporaryFor(file: string, writer: string): string {
  return `${file}.${writer}.tmp`;
}

/** Makes a rename durable, where the platform can do that. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}
