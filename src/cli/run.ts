import { readFileSync } from 'node:fs';
import { isTokenError, type TokenErrorCode } from '../base/errors.js';
import { createRedactor, type Redactor } from '../base/redactor.js';
import { readArguments, wantsJson, type Arguments } from './arguments.js';
import { getToken } from './commands/get.js';
import { login } from './commands/login.js';
import { logout } from './commands/logout.js';
import { verify } from './commands/verify.js';
import { neededBy, type Call, type Host } from './configuration.js';
import { CommandFailure, exitCodes, usageFailure, type ExitCode } from './failure.js';
import { help } from './help.js';
import { createOutput, type Outcome, type Output } from './output.js';
import { completedFromKeyring } from './system-keyring.js';
import {
  mergeVariables,
  quotedNames,
  readGivenEnvFile,
  readImplicitEnvFile,
  type Variables,
} from './variables.js';

const advice: Readonly<Record<TokenErrorCode, string>> = {
  TOKEN_REQUEST_FAILED: 'check the network and TT_BASE_URL, or try again later',
  TOKEN_RATE_LIMITED: 'wait before you try again',
  CREDENTIALS_REJECTED: 'check TT_API_KEY, TT_API_SECRET and TT_ENVIRONMENT',
  TOKEN_RESPONSE_INVALID: 'check TT_BASE_URL',
  MANAGER_CLOSED: 'try again',
};

const actions: Readonly<
  Record<Exclude<Arguments['action'], 'help' | 'version'>, (call: Call) => Promise<Outcome>>
> = { get: getToken, verify, login, logout };

/** Carries out one call of the command and returns its exit code; never rejects. */
export async function run(args: readonly string[], host: Host): Promise<ExitCode> {
  const output = createOutput(host, wantsJson(args));
  const redact = createRedactor();
  try {
    const given = readArguments(args);
    if (given.action === 'help') output.print(help);
    else if (given.action === 'version') output.print(version());
    else return await carryOut(given.action, given, host, output, redact);
    return exitCodes.success;
  } catch (error) {
    const failure = toFailure(error, redact);
    output.failure(failure);
    return failure.exitCode;
  }
}

async function carryOut(
  action: keyof typeof actions,
  given: Arguments,
  host: Host,
  output: Output,
  redact: Redactor,
): Promise<ExitCode> {
  const isImplicit = given.envFile === undefined;
  const { variables: fromFile, problem } =
    given.envFile === undefined
      ? readImplicitEnvFile(host.cwd())
      : { variables: readGivenEnvFile(given.envFile) };
  const own = mergeVariables(host.env, given.variables);
  const set = mergeVariables(fromFile, own);
  learnFrom(set);
  const variables = await completedFromKeyring(set, given.action, output);
  learnFrom(variables);
  if (problem !== undefined) {
    if (neededBy(given).some((name) => variables[name] === undefined)) throw usageFailure(problem);
    output.warning(problem);
  }
  if (isImplicit && own.TT_BASE_URL === undefined) checkImplicitBaseUrl(given, fromFile, variables);
  try {
    const outcome = await actions[action]({ given, variables, output, redact });
    output.result(outcome);
    return outcome.exitCode;
  } catch (error) {
    throw toFailure(error, redact, variables);
  }

  function learnFrom(values: Variables): void {
    for (const name of ['TT_API_KEY', 'TT_API_SECRET', 'TT_TOKEN_FILE_KEY']) {
      const value = values[name];
      if (value !== undefined) redact.learn(value.trim());
    }
  }
}

/**
 * Checks that a base URL of an implicit `.env` gets no other secret than the one of that file: a strange working
 * directory must not send a user's secret away.
 * @throws CommandFailure where it would.
 */
function checkImplicitBaseUrl(given: Arguments, fromFile: Variables, variables: Variables): void {
  const isSent = given.action === 'get' || given.online;
  if (!isSent || variables.TT_BASE_URL === undefined) return;
  // The API gets app key and token, whose owner is known by the secret where there is one.
  const name = given.action === 'get' || variables.TT_API_SECRET ? 'TT_API_SECRET' : 'TT_API_KEY';
  const value = variables[name];
  if (value === undefined || fromFile[name]?.trim() === value.trim()) return;
  throw usageFailure(
    `.env in the working directory sets TT_BASE_URL, but ${name} does not come from it: ` +
      'if this file may say where it is sent, name it with --env-file .env, or set TT_BASE_URL yourself',
  );
}

function toFailure(error: unknown, redact: Redactor, variables: Variables = {}): CommandFailure {
  if (error instanceof CommandFailure) return error;
  const exitCode = exitCodes.failed;
  if (isTokenError(error)) {
    const { code, retryAt } = error;
    const quoted = code === 'CREDENTIALS_REJECTED' ? quotedNames(variables) : [];
    const hint = quoted.length > 0 ? `; remove the quotes around ${quoted.join(' and ')}` : '';
    const message = `${error.message}; ${advice[code]}${hint}`;
    return new CommandFailure({ exitCode, code, message, retryAt });
  }
  const { name, message } = redact.error(error);
  return new CommandFailure({
    exitCode,
    code: 'UNEXPECTED_ERROR',
    message: `unexpected error (${name}: ${message}); please report it`,
  });
}

/** The version of the package that the built command belongs to. */
function version(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
