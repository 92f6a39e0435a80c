/** Returns whether a file system error has one of these codes. */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return codes.includes((error as { readonly code: string }).code);
}

/** Turns ENOENT into undefined and throws everything else. */
export function absent(error: unknown): undefined {
  if (!hasCode(error, 'ENOENT')) throw error;
}

/** Creates an error with a code and a path, as those of the file system have them. */
export function unusable(code: string, path: string, problem: string): Error {
  return Object.assign(new Error(`${code}: ${path} ${problem}`), { code, path });
}

/** Creates the error for a token file that is a folder, a device or a FIFO. */
export function notRegular(path: string): Error {
  return unusable('EINVAL', path, 'is not a regular file; choose another token file');
}

/** Runs a file operation that may fail, by a rejection or by an exception, without harm. */
export async function attempt(operation: () => Promise<unknown>): Promise<void> {
  try {
    await operation();
  } catch {
    // The caller does without it.
  }
}
