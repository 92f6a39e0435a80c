import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { workingDirectory } from '../base/working-directory.js';
import { expandHome, isBelowHome } from '../stores/file/default-path.js';
import { hasCode } from '../stores/file/file-errors.js';

const longestSecret = 65_536;

/**
 * Creates a function that reads the file which a variable names, anew at each call; a relative path counts from
 * the working directory of now. It rejects with an Error that names variable and path.
 */
export function secretFile(variable: string, path: string): () => Promise<string> {
  const cwd = workingDirectory();
  const fixed = isBelowHome(path) || cwd === undefined ? path : resolve(cwd, path);
  return async () => {
    try {
      return await readSecret(expandHome(fixed));
    } catch (error) {
      throw described(error as NodeJS.ErrnoException, variable, path);
    }
  };
}

async function readSecret(path: string): Promise<string> {
  const found = await stat(path);
  // A FIFO without a writer would block for ever.
  if (!found.isFile()) throw new Error('is not a regular file');
  if (found.size > longestSecret) throw new Error('is too long for a secret');
  const bytes = await readFile(path);
  if (bytes.includes(0)) throw new Error('is not UTF-8 text (UTF-16, perhaps): save it as UTF-8');
  // Not toString(): the decoder drops a byte order mark.
  const text = new TextDecoder().decode(bytes).trim();
  if (text === '') throw new Error('is empty');
  return text;
}

function described(error: NodeJS.ErrnoException, variable: string, path: string): Error {
  const { code, message } = error;
  const problem = hasCode(error, 'ENOENT') ? 'does not exist' : 'cannot be read';
  const happened = code === undefined ? message : `${problem} (${code})`;
  // Somebody may have put the secret itself into the variable.
  const isPath = /[\\/.]/.test(path) && !/^[\w+/]{43}=?$/.test(path);
  const place = isPath ? `: ${path}` : ': it must be a path';
  return Object.assign(new Error(`the file of ${variable} ${happened}${place}`), { code });
}
