import { optionsFromEnv } from '../options/from-env.js';
import type { TokenManagerOptions } from '../options/options.js';
import { usageFailure } from './failure.js';
import type { Variables } from './variables.js';

/** A variable that only some calls of the command need. */
export type DispensableVariable = 'TT_API_SECRET' | 'TT_APP_NAME' | 'TT_COMPANY_NAME';

/** How the command calls the options that it sets. */
const commandTerms: Readonly<Record<string, string>> = {
  apiKey: 'TT_API_KEY',
  apiSecret: 'TT_API_SECRET',
  appName: 'TT_APP_NAME',
  companyName: 'TT_COMPANY_NAME',
  TT_ENVIRONMENT: 'TT_ENVIRONMENT (--environment)',
  baseUrl: 'TT_BASE_URL (--base-url)',
  tokenFile: 'TT_TOKEN_FILE (--token-file)',
  encryptionKey: 'TT_TOKEN_FILE_KEY',
};

/**
 * Makes something of the options that the variables name.
 * @param unneeded variables that this call does not use: they may be missing, or wrong
 * @throws CommandFailure that names what is missing or wrong.
 */
export function configure<Made>(
  variables: Variables,
  unneeded: readonly DispensableVariable[],
  make: (options: TokenManagerOptions) => Made,
): Made {
  const placeholders = Object.fromEntries(unneeded.map((name) => [name, 'unneeded']));
  try {
    return make(optionsFromEnv({ ...variables, ...placeholders }));
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) {
      throw usageFailure(inCommandTerms(error.message));
    }
    throw error;
  }
}

/** A message about an option in the terms of the command. */
export function inCommandTerms(message: string): string {
  if (message.endsWith('must be set')) {
    const orLogin = message.includes('TT_API_') ? ', key and secret with tt-token login' : '';
    return `${message}, as environment variables or in an env file${orLogin}; see tt-token --help`;
  }
  return message.replace(/^\w+/, (name) => commandTerms[name] ?? name).replace(/ \(see \w+\)$/, '');
}
