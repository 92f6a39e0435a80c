import { lstatSync, readFileSync } from 'node:fs';
import { validate as isGuid } from 'uuid';
import { makePrivateFile, readTextFile } from '../atomic-file.js';
import { hasCode } from '../file-errors.js';
import type { ProcessIdentity } from './process-identity.js';

/** The owner record: the holder of a lock, beside the lock folder. */
export interface LockOwner extends ProcessIdentity {
  /** A random id of this one hold of the lock; it names the holder's temporary file too. */
  readonly writer: string;
}

/** What is at the path of the owner record; a record is `unfinished` until its text is written. */
export type OwnerPlace = LockOwner | 'unfinished' | 'foreign' | undefined;

/** Codes of paths that are no file of ours, or have no room. */
const foreignCodes = 'EACCES EINVAL EISDIR ELOOP EMLINK ENAMETOOLONG ENXIO EPERM'.split(' ');

/** Reads what is at the path of the owner record. */
export async function readOwner(path: string): Promise<OwnerPlace> {
  try {
    const text = await readTextFile(path);
    return text === undefined ? undefined : parseOwner(text);
  } catch (error) {
    if (hasCode(error, ...foreignCodes)) return 'foreign';
    throw error;
  }
}

/** Returns whether a record has this id; synchronous, for the end of the process. */
export function isOwnerSync(path: string, writer: string): boolean {
  if (!lstatSync(path).isFile()) return false;
  return writerOf(parseOwner(readFileSync(path, 'utf8'))) === writer;
}

/**
 * Writes the owner record; never over another. `taken` means that somebody else holds the lock, `refused`
 * that the lock works without a record: a dead owner then counts as silent after the stale time.
 */
export async function writeOwner(
  path: string,
  owner: LockOwner,
): Promise<'written' | 'taken' | 'refused'> {
  try {
    await makePrivateFile(path, JSON.stringify(owner));
    return 'written';
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) return 'refused';
    return isRecord(await readOwner(path)) ? 'taken' : 'refused';
  }
}

/** Returns whether a record of this package is there, finished or not; that one may be removed. */
export function isRecord(place: OwnerPlace): place is LockOwner | 'unfinished' {
  return place !== undefined && place !== 'foreign';
}

/** The id in a record; undefined where there is none. */
export function writerOf(place: OwnerPlace): string | undefined {
  return typeof place === 'object' ? place.writer : undefined;
}

function parseOwner(text: string): OwnerPlace {
  if (text === '') return 'unfinished';
  try {
    const owner = JSON.parse(text) as LockOwner;
    return owner.pid > 0 && isGuid(owner.writer) ? owner : 'foreign';
  } catch {
    return 'foreign';
  }
}
