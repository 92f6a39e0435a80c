/** Returns the working directory; undefined where it has been removed, or may not be entered. */
export function workingDirectory(cwd = (): string => process.cwd()): string | undefined {
  try {
    return cwd();
  } catch {
    return undefined;
  }
}
