import { parseEnv, readFileSync } from './builtins.js';
import { usageFailure } from './failure.js';

/** Variables by name; undefined and empty ones count as not set. */
export type Variables = Readonly<Record<string, string | undefined>>;

const defaultFile = '.env';

/** The later of several sets of variables win, except where they leave one unset or empty. */
export function mergeVariables(...sets: readonly Variables[]): Variables {
  const merged: Record<string, string | undefined> = {};
  for (const set of sets) {
    for (const [name, value] of Object.entries(set)) {
      if (name.startsWith('TT_') && value?.trim()) merged[name] = value;
    }
  }
  return merged;
}

/**
 * Reads an env file: the one that was given, else `.env` in the working directory if there is one.
 * @throws CommandFailure when the file cannot be read.
 */
export function readEnvFile(given: string | undefined): Variables {
  try {
    const text = readFileSync(given ?? defaultFile, 'utf8');
    return parseEnv(text.replace(/^\ufeff/, ''));
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    if (given === undefined && code === 'ENOENT') return {};
    // Not the path that was given: it may be a secret in the wrong place.
    const name = given === undefined ? defaultFile : 'the file of --env-file';
    throw usageFailure(
      code === 'ENOENT'
        ? `${name} does not exist`
        : `${name} cannot be read (${code}): it must be a text file that you may read`,
    );
  }
}
