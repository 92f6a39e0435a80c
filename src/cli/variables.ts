import { readFileSync, statSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { usageFailure } from './failure.js';

/** Variables by name; undefined and blank ones count as not set. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** What an env file holds. */
export interface EnvFile {
  readonly variables: Variables;
  /** Why `.env` could not be read: of interest only where something is missing. */
  readonly problem?: string;
}

/** The later of several sets of variables win, except where they leave one unset or blank. */
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
 * Reads the file that `--env-file` names.
 * @throws CommandFailure when it cannot be read; it does not repeat the path, which may be a misplaced secret.
 */
export function readGivenEnvFile(path: string): Variables {
  try {
    return parse(readFileSync(path));
  } catch (error) {
    throw usageFailure(problemOf(error, 'the file of --env-file'));
  }
}

/** Reads `.env` in the working directory. A folder of that name is no env file. */
export function readImplicitEnvFile(cwd: string): EnvFile {
  const path = join(cwd, '.env');
  try {
    const found: Stats | undefined = statSync(path, { throwIfNoEntry: false });
    if (!found || found.isDirectory()) return { variables: {} };
    // A FIFO without a writer would block for ever.
    if (!found.isFile()) throw new EnvFileError('is not a regular file: name it with --env-file');
    return { variables: parse(readFileSync(path)) };
  } catch (error) {
    return { variables: {}, problem: problemOf(error, '.env') };
  }
}

/** What is wrong with an env file that could be opened. */
class EnvFileError extends Error {}

const utf16Mark = /^(?:\xff\xfe|\xfe\xff)/;
const utf8Mark = /^\ufeff/;

function parse(bytes: Buffer): Variables {
  if (utf16Mark.test(bytes.toString('latin1', 0, 2)) || bytes.includes(0)) {
    throw new EnvFileError('is not UTF-8 text (UTF-16, perhaps): save it as UTF-8');
  }
  return parseEnv(bytes.toString().replace(utf8Mark, ''));
}

function problemOf(error: unknown, name: string): string {
  if (error instanceof EnvFileError) return `${name} ${error.message}`;
  const { code = 'unknown error' } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return `${name} does not exist`;
  return `${name} cannot be read (${code}): it must be a text file that you may read`;
}

/** The names of key and secret whose values stand in quotes, as Docker's `--env-file` leaves them. */
export function quotedNames(variables: Variables): readonly string[] {
  return ['TT_API_KEY', 'TT_API_SECRET'].filter((name) =>
    /^\s*(["']).*\1\s*$/.test(variables[name] ?? ''),
  );
}
