import { parseArgs } from 'node:util';
import { usageFailure, type CommandFailure } from './failure.js';
import type { Variables } from './variables.js';

const options = {
  'force-refresh': { type: 'boolean' },
  verify: { type: 'boolean' },
  online: { type: 'boolean' },
  show: { type: 'boolean' },
  output: { type: 'string' },
  store: { type: 'string' },
  'env-file': { type: 'string' },
  environment: { type: 'string' },
  'token-file': { type: 'string' },
  'base-url': { type: 'string' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
} as const;

/** What the command was asked for. */
export interface Arguments {
  readonly action: 'help' | 'version' | 'get' | 'verify' | 'login' | 'logout';
  /** Whether a new token is wanted whatever the state. */
  readonly forceRefresh: boolean;
  /** Whether the API is to be asked as well. */
  readonly online: boolean;
  /** Whether the token itself may be printed. */
  readonly show: boolean;
  /** Where the token is kept. */
  readonly store: 'file' | 'keyring';
  readonly envFile: string | undefined;
  /** The options that stand for a variable, under its name. */
  readonly variables: Variables;
}

/**
 * Reads the arguments.
 * @throws CommandFailure that repeats no value: a misplaced argument may be a secret.
 */
export function readArguments(args: readonly string[]): Arguments {
  const { given, subcommand } = parse(args);
  for (const [name, value] of Object.entries(given)) {
    if (String(value).trim() === '') throw usageFailure(`--${name} must not be empty`);
  }
  const { output = 'text', store = 'file', verify = false, online = false } = given;
  if (output !== 'json' && output !== 'text') {
    throw usageFailure('--output must be json or text');
  }
  if (store !== 'file' && store !== 'keyring') {
    throw usageFailure('--store must be file or keyring');
  }
  if (store === 'keyring' && given['token-file'] !== undefined) {
    throw usageFailure('--store keyring keeps the token in no file: drop --token-file');
  }
  const forceRefresh = given['force-refresh'] ?? false;
  const verifies = verify || online;
  if (forceRefresh && verifies) {
    throw usageFailure(
      '--force-refresh fetches a new token, --verify and --online never do: drop one',
    );
  }
  if (subcommand && (forceRefresh || verifies || given.show)) {
    throw usageFailure(
      `${subcommand} goes with none of --force-refresh, --verify, --online and --show`,
    );
  }
  const action = subcommand ?? (verifies ? 'verify' : 'get');
  return {
    action: given.help ? 'help' : given.version ? 'version' : action,
    forceRefresh,
    online,
    show: given.show ?? false,
    store,
    envFile: given['env-file'],
    variables: {
      TT_ENVIRONMENT: given.environment,
      TT_TOKEN_FILE: given['token-file'],
      TT_BASE_URL: given['base-url'],
    },
  };
}

/** Returns whether the last `--output` is `json`, even where other arguments are wrong. */
export function wantsJson(args: readonly string[]): boolean {
  const { values } = parseArgs({ args: [...args], options, strict: false });
  return values.output === 'json';
}

function parse(args: readonly string[]) {
  const subcommand = (['login', 'logout'] as const).find((name) => name === args[0]);
  try {
    const { values } = parseArgs({ args: args.slice(subcommand ? 1 : 0), options });
    return { given: values, subcommand };
  } catch (error) {
    throw toUsageFailure(error as NodeJS.ErrnoException);
  }
}

function toUsageFailure({ code, message }: NodeJS.ErrnoException): CommandFailure {
  return usageFailure(`${problem()}; see tt-token --help`);

  function problem(): string {
    if (code === 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL') {
      return 'the command takes options only, after login or logout, if any';
    }
    if (code === 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE') {
      const known = /'(?:-\w, )?(--[a-z-]+)/.exec(message)?.[1] ?? 'an option';
      const takesNone = message.includes('does not take');
      return `${known} ${takesNone ? 'takes no value' : 'needs a value'}`;
    }
    const plain = /^Unknown option '(--[a-z-]{2,20})'/.exec(message)?.[1];
    return plain === undefined ? 'unknown option' : `unknown option ${plain}`;
  }
}
