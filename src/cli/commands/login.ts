import type { TTEnvironment } from '../../base/environments.js';
import { readEnvironment, type Variables } from '../../options/from-env.js';
import { keyringCredentials, type Credentials } from '../../options/from-keyring.js';
import { checkApiKey, checkSecret } from '../../options/options.js';
import { inCommandTerms, type Call } from '../configuration.js';
import { CommandFailure, usageFailure } from '../failure.js';
import type { Outcome } from '../output.js';
import { readStandardInput } from '../standard-input.js';
import { orUsageFailure } from '../system-keyring.js';

const alternative = 'set TT_API_KEY and TT_API_SECRET, as environment variables or in an env file';

/** Asks for app key and secret and puts them into the system keyring, for one environment. */
export async function login({ variables, redact }: Call): Promise<Outcome> {
  const environment = environmentOf(variables);
  const stored = keyringCredentials(environment);
  // First, so that nobody types a secret in vain.
  await orUsageFailure(alternative, stored.read());
  const credentials = check(await askForCredentials());
  redact.learnSecret(credentials.apiKey);
  redact.learnSecret(credentials.apiSecret);
  await orUsageFailure(alternative, stored.write(credentials));
  return {
    lines: [`app key and secret for ${environment} are in the system keyring`],
    fields: { success: true, environment },
  };
}

/**
 * The environment that the variables name, UAT where they name none.
 * @throws CommandFailure where the name is unknown.
 */
export function environmentOf(variables: Variables): TTEnvironment {
  return inCommandTerms(() => readEnvironment(variables)) ?? 'UAT';
}

/** `<key>:<secret>`, as TT's Setup page shows it, or the two one after the other. */
async function askForCredentials(): Promise<readonly [apiKey: string, apiSecret: string]> {
  const isTerminal = process.stdin.isTTY;
  const [first = '', second] = isTerminal
    ? [await askHidden('app key, or <app key>:<secret>: ')]
    : (await readStandardInput('key and secret')).trim().split(/\s*\n\s*/);
  const colon = first.indexOf(':');
  if (colon >= 0) return [first.slice(0, colon), first.slice(colon + 1)];
  return [first, (isTerminal ? await askHidden('secret: ') : second) ?? ''];
}

function check([apiKey, apiSecret]: readonly [string, string]): Credentials {
  try {
    return { apiKey: checkApiKey(apiKey), apiSecret: checkSecret(apiKey, apiSecret) };
  } catch (error) {
    const problem = (error as Error).message
      .replace('apiKey', 'the app key')
      .replace('apiSecret', 'the secret');
    throw usageFailure(`${problem}; give <app key>:<secret>, or each on a line of its own`);
  }
}

/**
 * Asks for a line on the terminal, and shows nothing of what is typed.
 * @throws CommandFailure when the user gives up, with Ctrl-C or Ctrl-D.
 */
async function askHidden(question: string): Promise<string> {
  const { createInterface } = await import('node:readline');
  const { Writable } = await import('node:stream');
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  // Not before: from here on the terminal echoes nothing.
  process.stderr.write(question);
  try {
    return await new Promise<string>((resolve, reject) => {
      lines.on('line', (line) => resolve(line.trim()));
      lines.on('close', () =>
        reject(new CommandFailure('CANCELLED', 'nothing was stored: the input ended')),
      );
    });
  } finally {
    lines.close();
    process.stderr.write('\n');
  }
}
