import type { Sources } from '../variables.js';

const secretVariables = ['TT_API_KEY', 'TT_API_SECRET', 'TT_TOKEN_FILE_KEY'];

/** What must not be shown of any source, used or not: as it is, and each part that was pasted with another. */
export function knownSecrets({ environment, envFile }: Sources): readonly string[] {
  const values = [environment, envFile.variables].flatMap((variables) =>
    Object.entries(variables).flatMap(([name, value = '']) =>
      secretVariables.includes(name) ? [value.trim(), ...value.split(/[\s:"'`]+/)] : [],
    ),
  );
  return Array.from(new Set(values)).filter((value) => value !== '');
}
