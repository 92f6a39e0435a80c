import { constants } from 'node:fs';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { v4 } from 'uuid';
import { absent, attempt, hasCode, notRegular, unusable } from './file-errors.js';

const largestFileBytes = 262_144;
// O_NONBLOCK: a FIFO put in the file's place must not block. O_NOFOLLOW: nor may a link lead elsewhere.
// Both are undefined, hence 0, on Windows.
const readInPlace = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW;

/** Reads a text file; undefined where there is none, or one that is too large to be a token file. */
export async function readTextFile(file: string): Promise<string | undefined> {
  const handle = await open(file, readInPlace).catch(absent);
  if (!handle) return undefined;
  try {
    const found = await handle.stat();
    if (!found.isFile()) throw notRegular(file);
    return found.size > largestFileBytes ? undefined : await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}

/** Makes a file of mode 0600, whatever the umask; rejects if anything is there. No file is left after a failure. */
export async function makePrivateFile(
  file: string,
  text: string,
  finish?: (handle: FileHandle) => Promise<void>,
): Promise<void> {
  const handle = await open(file, 'wx', 0o600);
  try {
    await attempt(() => handle.chmod(0o600));
    await handle.writeFile(text);
    await finish?.(handle);
    await handle.close();
  } catch (error) {
    await attempt(() => handle.close());
    await attempt(() => rm(file, { force: true }));
    throw error;
  }
}

/** How {@link replaceFile} works. */
export interface ReplaceOptions {
  /** Asked right before the file is replaced; `false` leaves the old one. */
  readonly confirm?: () => Promise<boolean>;
  /** Path of the temporary file; it must not exist. */
  readonly temporary?: string;
}

/**
 * Replaces a file as a whole: readers see the old or the new text, and a crash leaves one of them.
 * The file ends with mode 0600 whatever it had. Returns whether it was replaced.
 */
export async function replaceFile(
  file: string,
  text: string,
  { confirm, temporary = temporaryFor(file, v4()) }: ReplaceOptions = {},
): Promise<boolean> {
  await makePrivateFile(temporary, text, makeDurable);
  try {
    if (confirm && !(await confirm())) return false;
    await rename(temporary, file).catch((error: unknown) => explainRename(error, file));
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

/** Syncs a file where that is possible. Rejects only where the text did not arrive on the disk. */
async function makeDurable(handle: FileHandle): Promise<void> {
  try {
    await handle.sync();
  } catch (error) {
    if (hasCode(error, 'EIO', 'ENOSPC', 'EDQUOT', 'ESTALE')) throw error;
  }
}

/** Makes a rename durable, where the platform can do that. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  if (!handle) return;
  await attempt(() => handle.sync());
  await attempt(() => handle.close());
}

function explainRename(error: unknown, file: string): never {
  if (!hasCode(error, 'EBUSY', 'EXDEV')) throw error;
  const { code = '' } = error as NodeJS.ErrnoException;
  const advice = 'if this file alone is mounted, mount its folder instead';
  throw unusable(code, file, `cannot be replaced; ${advice}`);
}
