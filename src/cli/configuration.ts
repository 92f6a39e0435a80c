import type { Redactor } from '../base/redactor.js';
import { optionsFromEnv } from '../options/from-env.js';
import type { TokenManagerOptions } from '../options/options.js';
import type { Arguments } from './arguments.js';
import { usageFailure } from './failure.js';
import type { Output, Streams } from './output.js';
import type { Variables } from './variables.js';

/** One call of the command, ready to be carried out. */
export interface Call {
  readonly given: Arguments;
  /** From options, environment and env file; at most one value for each name, none blank. */
  readonly variables: Variables;
  readonly output: Output;
  /** Knows the app key, the secret and the key of the token file. */
  readonly redact: Redactor;
}

/** What the command uses of the process that it runs in. */
export type Host = Pick<NodeJS.Process, 'env' | 'cwd'> & Streams;

/** The variables that a call cannot do without. */
export function neededBy({ action, online }: Arguments): readonly string[] {
  if (action === 'get') return ['TT_API_KEY', 'TT_API_SECRET', ...names];
  if (action === 'verify') return ['TT_API_KEY', ...(online ? names : [])];
  return [];
}

const names = ['TT_APP_NAME', 'TT_COMPANY_NAME'];

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
 * Makes something of the options that the variables name. Those that the call does not need may be missing, or
 * wrong.
 * @throws CommandFailure that names what is missing or wrong.
 */
export function configure<Made>(
  { given, variables }: Pick<Call, 'given' | 'variables'>,
  make: (options: TokenManagerOptions) => Made,
): Made {
  const needed = neededBy(given);
  const placeholders = Object.fromEntries(
    ['TT_API_SECRET', ...names]
      .filter((name) => !needed.includes(name))
      .map((name) => [name, 'unneeded']),
  );
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
