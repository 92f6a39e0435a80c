import type { Redactor } from '../base/redactor.js';
import { optionsFromEnv, type Variables } from '../options/from-env.js';
import type { TokenManagerOptions } from '../options/options.js';
import type { Arguments } from './arguments.js';
import { usageFailure } from './failure.js';
import type { Output } from './output.js';
import type { Sources } from './variables.js';

/** One call of the command, ready to be carried out. */
export interface Call extends Arguments {
  readonly sources: Sources;
  /** From options, environment, env file and keyring; none is blank. */
  readonly variables: Variables;
  readonly output: Output;
  /** Knows the app key, the secret and the key of the token file. */
  readonly redact: Redactor;
}

/** The names of options that the command calls otherwise. */
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

/** Options that some calls do without. */
const optional = [
  ['apiSecret', 'TT_API_SECRET'],
  ['appName', 'TT_APP_NAME'],
  ['companyName', 'TT_COMPANY_NAME'],
] as const;

/**
 * Makes something of the options that the variables name. Variables that the call does not need may be missing
 * or wrong.
 * @throws CommandFailure that names what is missing or wrong.
 */
export function configure<Made>(
  { needs, variables }: Pick<Call, 'needs' | 'variables'>,
  make: (options: TokenManagerOptions) => Made,
): Made {
  const needless = optional.filter(([, name]) => !needs.includes(name));
  const placeholders = Object.fromEntries(needless.map(([option]) => [option, 'unneeded']));
  return inCommandTerms(() => make(optionsFromEnv(variables, placeholders)));
}

/**
 * Runs something that checks options.
 * @throws CommandFailure that names a wrong option as the command does.
 */
export function inCommandTerms<Result>(check: () => Result): Result {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof TypeError) && !(error instanceof RangeError)) throw error;
    throw usageFailure(translated(error.message));
  }
}

function translated(message: string): string {
  if (message.endsWith('must be set')) {
    const orLogin = message.includes('TT_API_') ? ', key and secret with tt-token login' : '';
    return `${message}, as environment variables or in an env file${orLogin}; see tt-token --help`;
  }
  return message.replace(/^\w+/, (name) => commandTerms[name] ?? name).replace(/ \(see \w+\)$/, '');
}
