import { parseArgs } from 'node:util';
import { usageFailure } from './failure.js';

const options = {
  'force-refresh': { type: 'boolean' },
  verify: { type: 'boolean' },
  online: { type: 'boolean' },
  'min-seconds': { type: 'string' },
  show: { type: 'boolean' },
  output: { type: 'string' },
  write: { type: 'string' },
  store: { type: 'string' },
  dotenv: { type: 'string' },
  environment: { type: 'string' },
  'token-file': { type: 'string' },
  'base-url': { type: 'string' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
} as const;

/** The options that take one of a few values. */
const choices: readonly (readonly ['output' | 'store', readonly string[]])[] = [
  ['output', ['json', 'text', 'token']],
  ['store', ['file', 'keyring']],
];

/** The verbs that are written out; without one, the options decide between get and verify. */
const writtenVerbs = ['doctor', 'keep', 'refused', 'login', 'logout'] as const;

/** What the command can do. */
export type Verb = 'get' | 'verify' | (typeof writtenVerbs)[number];

/** What the command prints on stdout. */
export type Format = 'text' | 'json' | 'token';

/** The options that go with some verbs only. */
const verbsOf: Readonly<Record<string, readonly Verb[]>> = {
  'force-refresh': ['get'],
  verify: ['verify'],
  online: ['verify', 'doctor'],
  'min-seconds': ['verify'],
  show: ['get', 'verify', 'refused'],
  write: ['keep'],
};

/** What the command was asked for. */
export interface Arguments {
  readonly verb: Verb;
  /** The variables that the call cannot do without. */
  readonly needs: readonly string[];
  readonly options: ReturnType<typeof parseStrictly>;
}

/**
 * Reads the arguments.
 * @throws CommandFailure that repeats no value: a misplaced argument may be a secret.
 */
export function readArguments(args: readonly string[]): Arguments {
  const writtenVerb = writtenVerbs.find((name) => name === args[0]);
  const rest = args.slice(writtenVerb ? 1 : 0);
  const problem = parse(rest).tokens.map(problemOf).find(Boolean);
  if (problem) throw usageFailure(`${problem}; see tt-token --help`);

  const given = parseStrictly(rest);
  for (const [name, value] of Object.entries(given)) {
    if (String(value).trim() === '') throw usageFailure(`--${name} must not be empty`);
  }
  for (const [name, known] of choices) {
    const value = given[name];
    if (value !== undefined && !known.includes(value)) {
      throw usageFailure(`--${name} must be ${known.join(' or ')}`);
    }
  }
  if (given.store === 'keyring' && given['token-file'] !== undefined) {
    throw usageFailure('--store keyring keeps the token in no file: drop --token-file');
  }
  const verifies = given.verify ?? given.online;
  if (given['force-refresh'] && verifies) {
    throw usageFailure(
      '--force-refresh fetches a new token, --verify and --online never do: drop one',
    );
  }
  const verb = writtenVerb ?? (verifies ? 'verify' : 'get');
  checkFit(verb, given);
  checkSeconds(given['min-seconds']);
  return { verb, needs: neededBy(verb, given), options: given };
}

/** The last `--output`, even where other arguments are wrong. */
export function wantedFormat(args: readonly string[]): Format {
  const wanted = parse(args).values.output;
  return wanted === 'json' || wanted === 'token' ? wanted : 'text';
}

/** Checks that every option goes with the verb. */
function checkFit(verb: Verb, given: Arguments['options']): void {
  const isWritten = writtenVerbs.some((name) => name === verb);
  const unfit = Object.keys(given).find((name) => verbsOf[name]?.includes(verb) === false);
  if (unfit && isWritten) throw usageFailure(`${verb} does not go with --${unfit}`);
  if (unfit) {
    throw usageFailure(`--${unfit} goes with ${unfit === 'write' ? 'keep' : '--verify'} only`);
  }
  const unprinted = verb === 'keep' ? ['token', 'json'] : ['token'];
  if (isWritten && verb !== 'refused' && unprinted.includes(given.output ?? '')) {
    throw usageFailure(`${verb} does not go with --output ${given.output}`);
  }
}

function checkSeconds(value: string | undefined): void {
  if (value !== undefined && !/^\d{1,9}$/.test(value)) {
    throw usageFailure('--min-seconds must be a whole number of seconds, 0 or more');
  }
}

function parse(args: readonly string[]) {
  return parseArgs({ args: [...args], options, strict: false, tokens: true });
}

function parseStrictly(args: readonly string[]) {
  return parseArgs({ args: [...args], options }).values;
}

/** What is wrong with one argument. Node's own messages repeat values, and differ between versions. */
function problemOf(token: ReturnType<typeof parse>['tokens'][number]): string | undefined {
  if (token.kind === 'option-terminator') return undefined;
  if (token.kind === 'positional') return problemOfWord(token.value);
  const { name, value, inlineValue } = token;
  const type = new Map<string, { type: string }>(Object.entries(options)).get(name)?.type;
  if (type === undefined) {
    // Node takes it for itself, and hands it on.
    if (name === 'env-file') return 'an env file is named with --dotenv, not --env-file';
    return /^[a-z-]{2,20}$/.test(name) ? `unknown option --${name}` : 'unknown option';
  }
  if (type === 'boolean') return value === undefined ? undefined : `--${name} takes no value`;
  const isMissing = value === undefined || (!inlineValue && /^-./.test(value));
  return isMissing ? `--${name} needs a value` : undefined;
}

/** Words that are typed for an option, or for the command without one. */
const optionsMeant: Readonly<Record<string, readonly string[]>> = {
  '--help': ['help', 'usage', 'man'],
  '--version': ['version'],
  '--verify': ['verify', 'check', 'validate', 'status'],
  '--online': ['online'],
  '--force-refresh': ['refresh', 'force-refresh', 'renew'],
  '--show': ['show', 'print'],
  '--output json': ['json'],
  '--output token': ['token'],
  'tt-token alone': ['get', 'fetch'],
};

function problemOfWord(word: string): string {
  const typed = word.toLowerCase();
  const [meant] = Object.entries(optionsMeant).find(([, words]) => words.includes(typed)) ?? [];
  if (meant) return `"${typed}" is no command: ${meant} is meant`;
  if (writtenVerbs.some((verb) => verb === typed)) return `${typed} must be the first word`;
  return `the command takes options only, after ${writtenVerbs.join(', ')}, if any`;
}

function neededBy(verb: Verb, { online }: Arguments['options']): readonly string[] {
  const names = ['TT_APP_NAME', 'TT_COMPANY_NAME'];
  if (verb === 'get' || verb === 'keep' || verb === 'refused')
    return ['TT_API_KEY', 'TT_API_SECRET', ...names];
  if (verb === 'verify') return ['TT_API_KEY', ...(online ? names : [])];
  return [];
}
