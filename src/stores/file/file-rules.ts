/** Bytes beyond which a file is no token file. */
export const largestFile = 262_144;

/** An error that names its path, as those of the file system do. */
export function unusable(path: string, problem: string): Error {
  return Object.assign(new Error(`${path} ${problem}`), { path });
}

/** What is wrong with a token file that is a folder, a device, a FIFO. */
export function notRegular(path: string): Error {
  return unusable(path, 'is not a regular file');
}
