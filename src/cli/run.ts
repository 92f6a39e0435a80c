import { isTokenError, type TokenErrorCode } from '../base/errors.js';
import { createRedactor, type Redactor } from '../base/redactor.js';
import { readArguments, wantsJson, type Arguments } from './arguments.js';
import type { Call } from './call.js';
import { CommandFailure, exitCodes, type ExitCode } from './failure.js';
import { getToken } from './commands/get.js';
import { help } from './help.js';
import { login } from './commands/login.js';
import { logout } from './commands/logout.js';
import { createOutput, print, type Outcome, type Output } from './output.js';
import { completedFromKeyring } from './system-keyring.js';
import { mergeVariables, readEnvFile, type Variables } from './variables.js';
import { verify } from './commands/verify.js';
import { version } from './version.js';

const advice: Readonly<Record<TokenErrorCode, string>> = {
  TOKEN_REQUEST_FAILED: 'check the network and TT_BASE_URL, or try again later',
  TOKEN_RATE_LIMITED: 'wait before you try again',
  CREDENTIALS_REJECTED: 'check TT_API_KEY, TT_API_SECRET and TT_ENVIRONMENT',
  TOKEN_RESPONSE_INVALID: 'check TT_BASE_URL',
  MANAGER_CLOSED: 'try again',
};

/** Carries out one call of the command and returns its exit code; never rejects. */
export async function run(args: readonly string[]): Promise<ExitCode> {
  const output = createOutput(wantsJson(args));
  const redact = createRedactor();
  try {
    const given = readArguments(args);
    if (given.action === 'help') print(help);
    else if (given.action === 'version') print(version());
    else return await carryOut(given, output, redact);
    return exitCodes.success;
  } catch (error) {
    const failure = toFailure(error, redact);
    output.failure(failure);
    return failure.exitCode;
  }
}

async function carryOut(given: Arguments, output: Output, redact: Redactor): Promise<ExitCode> {
  const file = readEnvFile(given.envFile);
  const set = mergeVariables(file, process.env, given.variables);
  learnFrom(set);
  const variables = await completedFromKeyring(set, given.action, output);
  learnFrom(variables);
  const outcome = await act({ given, variables, output, redact });
  output.result(outcome);
  return outcome.exitCode;

  function learnFrom(values: Variables): void {
    for (const name of ['TT_API_KEY', 'TT_API_SECRET', 'TT_TOKEN_FILE_KEY']) {
      const value = values[name];
      if (value !== undefined) redact.learn(value.trim());
    }
  }
}

async function act(call: Call): Promise<Outcome> {
  switch (call.given.action) {
    case 'verify':
      return verify(call);
    case 'login':
      return login(call);
    case 'logout':
      return logout(call);
    default:
      return getToken(call);
  }
}

function toFailure(error: unknown, redact: Redactor): CommandFailure {
  if (error instanceof CommandFailure) return error;
  const exitCode = exitCodes.failed;
  if (isTokenError(error)) {
    const { code, retryAt } = error;
    return new CommandFailure({
      exitCode,
      code,
      message: `${error.message}; ${advice[code]}`,
      retryAt,
    });
  }
  const { name, message } = redact.error(error);
  return new CommandFailure({
    exitCode,
    code: 'UNEXPECTED_ERROR',
    message: `unexpected error (${name}: ${message}); please report it`,
  });
}
