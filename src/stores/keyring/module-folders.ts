import { realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { workingDirectory } from '../../base/working-directory.js';

/**
 * Returns the folders where the optional package may be installed: those above this file, above the program's
 * own file, and above the working directory.
 */
export function moduleFolders(): readonly string[] {
  const places = [ownFolder(), programFolder(), workingDirectory()];
  return places.filter((place) => place !== undefined).flatMap(foldersAbove);
}

/** Bundlers replace `import.meta.url` by undefined, a number, or the URL of another file. */
function ownFolder(): string | undefined {
  const own: unknown = import.meta.url;
  if (typeof own !== 'string') return undefined;
  try {
    return dirname(own.startsWith('file:') ? fileURLToPath(own) : own);
  } catch {
    return undefined;
  }
}

/** The folder of the program's real file: a command is usually started by a symbolic link. */
function programFolder(): string | undefined {
  try {
    return dirname(realpathSync(process.argv[1] ?? ''));
  } catch {
    return undefined;
  }
}

function foldersAbove(folder: string): string[] {
  const parent = dirname(folder);
  return [join(folder, 'node_modules'), ...(parent === folder ? [] : foldersAbove(parent))];
}
