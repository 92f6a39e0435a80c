import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseEnv } from 'node:util';
import type { Variables } from '../options/from-env.js';

/** What an env file holds. */
export interface EnvFile {
  readonly path: string;
  /** Whether it is the `.env` in the working directory, which no option names. */
  readonly isImplicit: boolean;
  readonly variables: Variables;
  /** Names that it sets as YAML does, with a colon, which counts for nothing. */
  readonly yamlNames?: readonly string[];
  /** Why it could not be read. It does not repeat the path of `--dotenv`, which may be a misplaced secret. */
  readonly problem?: string;
}

/** Reads the file that `--dotenv` names, or else `.env` in the working directory, if there is one. */
export function readEnvFile(given: string | undefined, cwd: string | undefined): EnvFile {
  const isImplicit = given === undefined;
  const name = given ?? '.env';
  const file = { path: cwd === undefined ? name : resolve(cwd, name), isImplicit };
  try {
    if (isImplicit && !isEnvFile(file.path)) return { ...file, variables: {} };
    return { ...file, ...parse(readFileSync(file.path)) };
  } catch (error) {
    const shown = isImplicit ? '.env' : 'the file of --dotenv';
    const problem = `${shown} ${problemOf(error as NodeJS.ErrnoException)}`;
    return { ...file, variables: {}, problem };
  }
}

function isEnvFile(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found || found.isDirectory()) return false;
  // A FIFO without a writer would block for ever.
  if (!found.isFile()) throw new Error('is not a regular file: name it with --dotenv');
  return true;
}

function parse(bytes: Buffer): Pick<EnvFile, 'variables' | 'yamlNames'> {
  if (bytes.includes(0)) {
    throw new Error('is not UTF-8 text (UTF-16, perhaps): save it as UTF-8');
  }
  // Not toString(): the decoder drops a byte order mark.
  const text = new TextDecoder().decode(bytes);
  const yamlNames = Array.from(text.matchAll(/^\s*(TT_\w+)[ \t]*:/gim), ([, name = '']) => name);
  return { variables: parseEnv(text), yamlNames };
}

function problemOf({ code, message }: NodeJS.ErrnoException): string {
  if (code === undefined) return message;
  if (code === 'ENOENT') return 'does not exist';
  return `cannot be read (${code}): it must be a text file that you may read`;
}
