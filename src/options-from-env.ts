import type { TokenManagerOptions } from './options.js';
import { isEnvironment, type TTEnvironment } from './tt/environments.js';

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Reads the options from TT_API_KEY, TT_API_SECRET, TT_APP_NAME, TT_COMPANY_NAME and, where set,
 * TT_ENVIRONMENT, TT_BASE_URL, TT_TOKEN_FILE and TT_TOKEN_FILE_KEY. White space around a value is ignored, an
 * empty value counts as not set, and no file is read.
 * @param env the variables; `process.env` by default
 * @throws TypeError naming the variables that are missing, RangeError for an unknown TT_ENVIRONMENT.
 */
export function optionsFromEnv(env: Variables = process.env): TokenManagerOptions {
  const required = ['TT_API_KEY', 'TT_API_SECRET', 'TT_APP_NAME', 'TT_COMPANY_NAME'] as const;
  const missing = required.filter((name) => read(env, name) === undefined);
  if (missing.length > 0) throw new TypeError(`${missing.join(', ')} must be set`);
  const environment = readEnvironment(env);
  const baseUrl = read(env, 'TT_BASE_URL');
  const tokenFile = read(env, 'TT_TOKEN_FILE');
  const encryptionKey = read(env, 'TT_TOKEN_FILE_KEY');
  return {
    apiKey: read(env, 'TT_API_KEY') ?? '',
    apiSecret: read(env, 'TT_API_SECRET') ?? '',
    appName: read(env, 'TT_APP_NAME') ?? '',
    companyName: read(env, 'TT_COMPANY_NAME') ?? '',
    ...(environment && { environment }),
    ...(baseUrl && { baseUrl }),
    ...(tokenFile && { tokenFile }),
    ...(encryptionKey && { encryptionKey }),
  };
}

function read(env: Variables, name: string): string | undefined {
  const value = env[name]?.trim();
  return value === '' ? undefined : value;
}

function readEnvironment(env: Variables): TTEnvironment | undefined {
  const value = read(env, 'TT_ENVIRONMENT')?.toUpperCase();
  if (value !== undefined && !isEnvironment(value)) {
    throw new RangeError('TT_ENVIRONMENT must be UAT, SIM or LIVE');
  }
  return value;
}
