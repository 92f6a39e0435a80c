import { readFileSync } from 'node:fs';
import { isTokenError, type TokenErrorCode } from '../base/errors.js';
import { createRedactor, type Redactor } from '../base/redactor.js';
import type { Variables } from '../options/from-env.js';
import { serviceUrl } from '../options/options.js';
import { readArguments, wantedFormat, type Verb } from './arguments.js';
import { doctor } from './commands/doctor.js';
import { getToken } from './commands/get.js';
import { keep } from './commands/keep.js';
import { login } from './commands/login.js';
import { logout } from './commands/logout.js';
import { refused } from './commands/refused.js';
import { verify } from './commands/verify.js';
import type { Call } from './configuration.js';
import { CommandFailure, exitCodes, type ExitCode } from './failure.js';
import { help } from './help.js';
import { createOutput, type Outcome, type Streams } from './output.js';
import { proxyAdvice, useProxies } from './proxy.js';
import { readSecretFiles } from './secret-files.js';
import { mergeSources, readSources, readVariables } from './variables.js';

const commands: Readonly<Record<Verb, (call: Call) => Promise<Outcome>>> = {
  get: getToken,
  verify,
  keep,
  refused,
  login,
  logout,
  doctor,
};

const advice: Readonly<Record<TokenErrorCode, string>> = {
  TOKEN_REQUEST_FAILED: 'check the network and TT_BASE_URL, or try again later',
  TOKEN_RATE_LIMITED: 'wait before you try again',
  CREDENTIALS_REJECTED: 'check TT_API_KEY, TT_API_SECRET and TT_ENVIRONMENT',
  TOKEN_RESPONSE_INVALID: 'check TT_BASE_URL',
  MANAGER_CLOSED: 'try again',
};

/** Carries out one call of the command and returns its exit code; never rejects. */
export async function run(
  args: readonly string[],
  host: Pick<NodeJS.Process, 'env' | 'cwd'> & Streams,
): Promise<ExitCode> {
  const output = createOutput(host, wantedFormat(args));
  const redact = createRedactor();
  let variables: Variables = {};
  try {
    const given = readArguments(args);
    if (given.options.help || given.options.version) {
      output.print(given.options.help ? help : version());
      return exitCodes.success;
    }
    const isOnline = ['get', 'keep', 'refused'].includes(given.verb) || given.options.online;
    if (isOnline && given.verb !== 'doctor') useProxies(host.env);
    const sources = readSources(given, host);
    // The doctor says itself what is wrong with them.
    variables =
      given.verb === 'doctor' ? mergeSources(sources) : await readVariables(given, sources, output);
    for (const name of ['TT_API_KEY', 'TT_API_SECRET', 'TT_TOKEN_FILE_KEY']) {
      redact.learnSecret(variables[name]?.trim() ?? '');
    }
    // As with the sources.
    const ofFiles = given.verb === 'doctor' ? [] : await readSecretFiles(given, variables);
    ofFiles.forEach(redact.learnSecret);
    const outcome = await commands[given.verb]({ ...given, sources, variables, output, redact });
    output.result(outcome);
    return outcome.exitCode ?? exitCodes.success;
  } catch (error) {
    const failure = toFailure(error, redact, variables);
    if (/ was not reached: | did not answer within /.test(failure.message)) {
      failure.message += proxyAdvice(
        host.env,
        new URL(variables.TT_BASE_URL?.trim() ?? serviceUrl),
      );
    }
    output.failure(failure);
    return failure.exitCode;
  }
}

function toFailure(error: unknown, redact: Redactor, variables: Variables): CommandFailure {
  if (error instanceof CommandFailure) return error;
  if (isTokenError(error)) {
    const { code, message, retryAt } = error;
    // A connection that failed for a known reason comes with advice of its own.
    const isAdvised = code === 'TOKEN_REQUEST_FAILED' && /; (?:check|set) [^;]+$/.test(message);
    const hint = code === 'CREDENTIALS_REJECTED' ? quotesHint(variables) : '';
    const whatToDo = isAdvised ? '' : `; ${advice[code]}${hint}`;
    return new CommandFailure(code, message + whatToDo, retryAt);
  }
  const { name, message } = redact.error(error);
  return new CommandFailure(
    'UNEXPECTED_ERROR',
    `unexpected error (${name}: ${message}); please report it`,
  );
}

/** Advice for a key or secret in quotes: Docker's `--env-file` does not remove them. */
function quotesHint(variables: Variables): string {
  const quoted = ['TT_API_KEY', 'TT_API_SECRET'].filter((name) =>
    /^\s*(["']).*\1\s*$/.test(variables[name] ?? ''),
  );
  return quoted.length > 0 ? `; remove the quotes around ${quoted.join(' and ')}` : '';
}

/** The version of the package that the built command belongs to. */
function version(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
