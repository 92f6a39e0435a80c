import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { rename, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { absent, attempt, hasCode, notRegular, unusable } from './file-errors.js';
import { open, readdir, rm, whileBusy } from './files.js';
import { newHolderName, parseHolder } from './lock/holder.js';
import { stateOf } from './lock/process-identity.js';

const largestFileBytes = 262_144;
const temporaryEnding = '.tmp';
// O_NONBLOCK: a FIFO put in the file's place must not block. O_NOFOLLOW: nor may a link lead elsewhere.
// Both are undefined, hence 0, on Windows.
const readInPlace = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW;

/** Reads a text file; undefined where there is none, or one that is too large to be a token file. */
export async function readTextFile(file: string): Promise<string | undefined> {
  if (process.platform === 'win32')
    return whileBusy(() => Promise.resolve().then(() => readAtOnce(file))).catch(absent);
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

/** On Windows nobody can replace a file that is open, so it is open for one turn only, and not for four. */
function readAtOnce(file: string): string | undefined {
  const descriptor = openSync(file, readInPlace);
  try {
    const found = fstatSync(descriptor);
    if (!found.isFile()) throw notRegular(file);
    return found.size > largestFileBytes ? undefined : readFileSync(descriptor, 'utf8');
  } finally {
    closeSync(descriptor);
  }
}

/** Makes a file of mode 0600, whatever the umask; rejects if anything is there. No file is left after a failure. */
async function makePrivateFile(file: string, text: string): Promise<void> {
  const handle = await open(file, 'wx', 0o600);
  try {
    await attempt(() => handle.chmod(0o600));
    await handle.writeFile(text);
    await makeDurable(handle);
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
  { confirm, temporary = `${file}.${newHolderName()}${temporaryEnding}` }: ReplaceOptions = {},
): Promise<boolean> {
  await makePrivateFile(temporary, text);
  try {
    const isReplaced = await whileBusy(async () => {
      if (confirm && !(await confirm())) return false;
      await rename(temporary, file);
      return true;
    });
    if (!isReplaced) return false;
  } catch (error) {
    explainRename(error, file);
  } finally {
    await attempt(() => rm(temporary, { force: true }));
  }
  await syncFolder(dirname(file));
  await attempt(() => removeLeftovers(file));
  return true;
}

/** Removes the temporary files that writers of this host left beside a file when they died. */
async function removeLeftovers(file: string): Promise<void> {
  const beginning = `${basename(file)}.`;
  for (const name of await readdir(dirname(file))) {
    if (!name.startsWith(beginning) || !name.endsWith(temporaryEnding)) continue;
    const writer = parseHolder(name.slice(beginning.length, -temporaryEnding.length));
    if (writer && stateOf(writer) === 'dead') await rm(join(dirname(file), name));
  }
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
  if (process.platform === 'win32' || !hasCode(error, 'EBUSY', 'EXDEV')) throw error;
  const { code = '' } = error as NodeJS.ErrnoException;
  const advice = 'if this file alone is mounted, mount its folder instead';
  throw unusable(code, file, `cannot be replaced; ${advice}`);
}
