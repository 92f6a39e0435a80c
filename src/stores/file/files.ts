import * as files from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { hasCode } from './file-errors.js';

/*
 * The file operations of the store and its lock. On Windows each is refused while another program, a reader or a
 * virus scanner, has the file open, and for a moment after a file of that name was removed: it is tried again.
 */

const limitMs = 500;
/** Short: between two readers the file may be free for a few milliseconds only. */
const longestPauseMs = 10;
const advice = 'another program has it open, or its access rights forbid it';

/** Tries an operation again while Windows refuses it, for half a second in all. */
export async function whileBusy<Result>(operation: () => Promise<Result>): Promise<Result> {
  const startedAt = performance.now();
  for (;;) {
    try {
      return await operation();
    } catch (error) {
      // A folder is not empty while what was removed from it is still open.
      const isBusy = hasCode(error, 'EPERM', 'EACCES', 'EBUSY', 'ENOTEMPTY');
      if (process.platform !== 'win32' || !isBusy) throw error;
      if (performance.now() - startedAt > limitMs) throw withAdvice(error as Error);
      await pause(1 + Math.random() * longestPauseMs);
    }
  }
}

function withAdvice(error: Error): Error {
  // The operations of another are tried again together with it: once is enough.
  if (!error.message.endsWith(advice)) error.message += `; ${advice}`;
  return error;
}

function patient<Operation extends (...given: never[]) => Promise<unknown>>(operation: Operation) {
  return ((...given) => whileBusy(() => operation(...given))) as Operation;
}

export const chmod = patient(files.chmod);
export const lstat = patient(files.lstat);
export const mkdir = patient(files.mkdir);
export const open = patient(files.open);
export const readdir = patient(files.readdir);
export const realpath = patient(files.realpath);
export const rename = patient(files.rename);
export const rm = patient(files.rm);
export const rmdir = patient(files.rmdir);
export const unlink = patient(files.unlink);
export const utimes = patient(files.utimes);
