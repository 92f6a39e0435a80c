import { isEnvironment, type TTEnvironment } from '../base/environments.js';
import type { TokenManagerOptions } from './options.js';
import { secretFile } from './secret-file.js';

/** Variables by name; undefined and blank ones count as not set. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** The variables for which `<name>_FILE` may name a file that holds the value. */
export const fileVariables = ['TT_API_SECRET', 'TT_TOKEN_FILE_KEY'] as const;

/** How each option is read that a variable may give. */
const readers = {
  apiKey: (env) => readVariable(env, 'TT_API_KEY'),
  apiSecret: (env) => readSecret(env, 'TT_API_SECRET'),
  appName: (env) => readVariable(env, 'TT_APP_NAME'),
  companyName: (env) => readVariable(env, 'TT_COMPANY_NAME'),
  environment: readEnvironment,
  baseUrl: (env) => readVariable(env, 'TT_BASE_URL'),
  tokenFile: (env) => readVariable(env, 'TT_TOKEN_FILE'),
  encryptionKey: (env) => readSecret(env, 'TT_TOKEN_FILE_KEY'),
} satisfies Partial<Record<keyof TokenManagerOptions, (env: Variables) => unknown>>;

/** The options that cannot be left out, and the variables that give them. */
const required = [
  ['apiKey', 'TT_API_KEY'],
  ['apiSecret', 'TT_API_SECRET'],
  ['appName', 'TT_APP_NAME'],
  ['companyName', 'TT_COMPANY_NAME'],
] as const;

/**
 * Reads the options from TT_API_KEY, TT_API_SECRET, TT_APP_NAME, TT_COMPANY_NAME and, where set,
 * TT_ENVIRONMENT, TT_BASE_URL, TT_TOKEN_FILE and TT_TOKEN_FILE_KEY. White space around a value is ignored, and an
 * empty value counts as not set. TT_API_SECRET_FILE and TT_TOKEN_FILE_KEY_FILE name files that hold the value
 * (Docker, Kubernetes, systemd credentials); they are read anew before each use. On Windows the case of names does
 * not count.
 * @param env the variables; `process.env` by default
 * @param given options that come first: nothing is read for them
 * @throws TypeError naming the variables that are missing, or set together with their `_FILE`; RangeError for an
 * unknown TT_ENVIRONMENT.
 */
export function optionsFromEnv(
  env: Readonly<Record<string, string | undefined>> = process.env,
  given: Partial<TokenManagerOptions> = {},
): TokenManagerOptions {
  for (const [name, value] of Object.entries<unknown>({ env, given })) {
    if (typeof value !== 'object' || value === null)
      throw new TypeError(`${name} must be an object`);
  }
  // Of an option that is undefined in `given`, the variable counts.
  const ahead = withoutUndefined(given);
  const missing = required.filter(
    ([option, name]) => ahead[option] === undefined && !isSet(env, name),
  );
  if (missing.length > 0) {
    throw new TypeError(`${missing.map(([, name]) => name).join(', ')} must be set`);
  }
  const names = Object.keys(readers) as (keyof typeof readers)[];
  const read = names.map((option) => [option, ahead[option] ?? readers[option](env)] as const);
  return { ...ahead, ...withoutUndefined(Object.fromEntries(read)) } as TokenManagerOptions;
}

/** A variable without the white space around it; undefined where it is not set. */
export function readVariable(env: Variables, name: string): string | undefined {
  const isSame = (other: string): boolean => other.toUpperCase() === name;
  const names = process.platform === 'win32' ? Object.keys(env).filter(isSame) : [];
  return [name, ...names].map((one) => env[one]?.trim()).find(Boolean);
}

/** Returns whether a variable is set, or a file is named that holds its value. */
export function isSet(env: Variables, name: string): boolean {
  return [name, `${name}_FILE`].some((one) => readVariable(env, one) !== undefined);
}

/**
 * Reads TT_ENVIRONMENT; undefined where it is not set.
 * @throws RangeError for an unknown name.
 */
export function readEnvironment(env: Variables): TTEnvironment | undefined {
  const value = readVariable(env, 'TT_ENVIRONMENT')?.toUpperCase();
  if (value !== undefined && !isEnvironment(value)) {
    throw new RangeError('TT_ENVIRONMENT must be UAT, SIM or LIVE');
  }
  return value;
}

/**
 * A secret: its variable, or a function that reads the file of its `_FILE`.
 * @throws TypeError where both are set.
 */
function readSecret(env: Variables, name: (typeof fileVariables)[number]) {
  const value = readVariable(env, name);
  const path = readVariable(env, `${name}_FILE`);
  if (path === undefined) return value;
  if (value !== undefined) throw new TypeError(`${name} and ${name}_FILE are both set: unset one`);
  return secretFile(`${name}_FILE`, path);
}

function withoutUndefined(values: object): Partial<TokenManagerOptions> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
