/** Bytes beyond which a file is no token file. */
export const largestFile = 262_144;

/** An error that carries a code and names its path, as those of the file system do. */
export function unusable(code: string, path: string, problem: string): Error {
  return Object.assign(new Error(`${code}: ${path} ${problem}`), { code, path });
}

/** What is wrong with a token file that is a folder, a device, a FIFO. */
export function notRegular(path: string): Error {
  return unusable('EINVAL', path, 'is not a regular file; choose another token file');
}

/** Runs a file operation that may be refused, by a rejection or by an exception, without harm. */
export async function attempt(operation: () => Promise<unknown>): Promise<void> {
  try {
    await operation();
  } catch {
    // What it would have added is missed; what it was called for goes on.
  }
}
