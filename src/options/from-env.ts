import type { TokenManagerOptions } from './options.js';
import { isEnvironment, type TTEnvironment } from '../base/environments.js';

/** Variables by name; undefined and blank ones count as not set. */
export type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Reads the options from TT_API_KEY, TT_API_SECRET, TT_APP_NAME, TT_COMPANY_NAME and, where set,
 * TT_ENVIRONMENT, TT_BASE_URL, TT_TOKEN_FILE and TT_TOKEN_FILE_KEY. White space around a value is ignored, an
 * empty value counts as not set, and no file is read.
 * @param env the variables; `process.env` by default
 * @throws TypeError naming the variables that are missing, RangeError for an unknown TT_ENVIRONMENT.
 */
export function optionsFromEnv(
  env: Readonly<Record<string, string | undefined>> = process.env,
): TokenManagerOptions {
  const required = ['TT_API_KEY', 'TT_API_SECRET', 'TT_APP_NAME', 'TT_COMPANY_NAME'] as const;
  const missing = required.filter((name) => readVariable(env, name) === undefined);
  if (missing.length > 0) throw new TypeError(`${missing.join(', ')} must be set`);
  const environment = readEnvironment(env);
  const baseUrl = readVariable(env, 'TT_BASE_URL');
  const tokenFile = readVariable(env, 'TT_TOKEN_FILE');
  const encryptionKey = readVariable(env, 'TT_TOKEN_FILE_KEY');
  return {
    apiKey: readVariable(env, 'TT_API_KEY') ?? '',
    apiSecret: readVariable(env, 'TT_API_SECRET') ?? '',
    appName: readVariable(env, 'TT_APP_NAME') ?? '',
    companyName: readVariable(env, 'TT_COMPANY_NAME') ?? '',
    ...(environment && { environment }),
    ...(baseUrl && { baseUrl }),
    ...(tokenFile && { tokenFile }),
    ...(encryptionKey && { encryptionKey }),
  };
}

/** A variable without the white space around it; undefined where it is not set. */
export function readVariable(env: Variables, name: string): string | undefined {
  const value = env[name]?.trim();
  return value === '' ? undefined : value;
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
