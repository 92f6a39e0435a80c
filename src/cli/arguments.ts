import { parseArgs } from './builtins.js';
import { usageFailure, type CommandFailure } from './failure.js';
import type { Variables } from './variables.js';

const options = {
  'force-refresh': { type: 'boolean' },
  verify: { type: 'boolean' },
  online: { type: 'boolean' },
  show: { type: 'boolean' },
  output: { type: 'string' },
  'env-file': { type: 'string' },
  environment: { type: 'string' },
  'token-file': { type: 'string' },
  'base-url': { type: 'string' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
} as const;

/** What the command was asked for. */
export interface Arguments {
  readonly action: 'help' | 'version' | 'get' | 'verify';
  /** Whether a new token is wanted whatever the state. */
  readonly forceRefresh: boolean;
  /** Whether the API is to be asked as well. */
  readonly online: boolean;
  /** Whether the token itself may be printed. */
  readonly show: boolean;
  readonly envFile: string | undefined;
  /** The options that stand for a variable, under its name. */
  readonly variables: Variables;
}

/**
 * Reads the arguments.
 * @throws CommandFailure that repeats no value: a misplaced argument may be a secret.
 */
export function readArguments(args: readonly string[]): Arguments {
  const given = parse(args);
  for (const [name, value] of Object.entries(given)) {
    if (value === '') throw usageFailure(`--${name} must not be empty`);
  }
  const { output = 'text', verify = false, online = false } = given;
  if (output !== 'json' && output !== 'text') {
    throw usageFailure('--output must be json or text');
  }
  const forceRefresh = given['force-refresh'] ?? false;
  const verifies = verify || online;
  if (forceRefresh && verifies) {
    throw usageFailure(
      '--force-refresh fetches a new token, --verify and --online never do: drop one',
    );
  }
  const action = verifies ? 'verify' : 'get';
  return {
    action: given.help ? 'help' : given.version ? 'version' : action,
    forceRefresh,
    online,
    show: given.show ?? false,
    envFile: given['env-file'],
    variables: {
      TT_ENVIRONMENT: given.environment,
      TT_TOKEN_FILE: given['token-file'],
      TT_BASE_URL: given['base-url'],
    },
  };
}

/** Tells whether `--output json` is among the arguments, even where the rest of them is wrong. */
export function wantsJson(args: readonly string[]): boolean {
  return args.some(
    (argument, index) =>
      argument === '--output=json' || (argument === 'json' && args[index - 1] === '--output'),
  );
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw toUsageFailure(error as NodeJS.ErrnoException);
  }
}

function toUsageFailure({ code, message }: NodeJS.ErrnoException): CommandFailure {
  return usageFailure(`${problem()}; see tt-token --help`);

  function problem(): string {
    if (code === 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL') {
      return 'the command takes options only, and an argument is none';
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
