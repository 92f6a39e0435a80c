import type { Sources } from '../variables.js';

const secretVariables = ['TT_API_KEY', 'TT_API_SECRET', 'TT_TOKEN_FILE_KEY'];

/** What must not be shown of any source, used or not. */
export function knownSecrets({ environment, envFile }: Sources): readonly string[] {
  const values = [environment, envFile.variables].flatMap((variables) =>
    secretVariables.flatMap((name) => partsOf(variables[name] ?? '')),
  );
  return Array.from(new Set(values));
}

/** A secret as it is, and each part that was pasted with another. */
export function partsOf(value: string): readonly string[] {
  return [value.trim(), ...value.split(/[\s:"'`]+/)].filter((part) => part !== '');
}
