import { fileVariables, type Variables } from '../options/from-env.js';
import { checkSecret } from '../options/options.js';
import { secretFile } from '../options/secret-file.js';
import { keySource } from '../records/key.js';
import type { Arguments } from './arguments.js';
import { usageFailure } from './failure.js';

/** The name of a variable for which a file may stand. */
export type FileVariable = (typeof fileVariables)[number];

const checks: Readonly<Record<FileVariable, (text: string, variables: Variables) => unknown>> = {
  TT_API_SECRET: (text, { TT_API_KEY = '' }) => checkSecret(TT_API_KEY.trim(), text),
  TT_TOKEN_FILE_KEY: (text) => keySource(text),
};

/**
 * Reads the files that variables name and the call needs, to say before anything else what is wrong with them.
 * @throws CommandFailure that names the variable and the file.
 */
export async function readSecretFiles(
  { verb, needs }: Pick<Arguments, 'verb' | 'needs'>,
  variables: Variables,
): Promise<readonly string[]> {
  const needed = fileVariables.filter((name) =>
    name === 'TT_API_SECRET' ? needs.includes(name) : verb !== 'login',
  );
  const texts = await Promise.all(needed.map((name) => readSecretFile(name, variables)));
  return texts.filter((text) => text !== undefined);
}

/**
 * Reads the file that stands for a variable; undefined where none does.
 * @throws CommandFailure that names the variable and the file.
 */
export async function readSecretFile(
  name: FileVariable,
  variables: Variables,
): Promise<string | undefined> {
  const path = variables[`${name}_FILE`]?.trim();
  // That both are set is said elsewhere.
  if (!path || variables[name]?.trim()) return undefined;
  try {
    const text = await secretFile(`${name}_FILE`, path)();
    checks[name](text, variables);
    return text;
  } catch (error) {
    const { message } = error as Error;
    const isOfContent = error instanceof TypeError || error instanceof RangeError;
    const named = message.replace(/^\w+/, `what the file of ${name}_FILE holds`);
    throw usageFailure(isOfContent ? `${named}: ${path}` : message);
  }
}
