import { checkApiKey, checkSecret } from '../../options/options.js';
import { readEnvironment } from '../../options/from-env.js';
import { keyringCredentials, type Credentials } from '../../options/from-keyring.js';
import type { TTEnvironment } from '../../base/environments.js';
import { inCommandTerms, type Call } from '../configuration.js';
import { exitCodes, usageFailure } from '../failure.js';
import type { Outcome } from '../output.js';
import { askHidden, readInput } from '../prompt.js';
import { orUsageFailure } from '../system-keyring.js';
import type { Variables } from '../variables.js';

const alternative = 'set TT_API_KEY and TT_API_SECRET, as environment variables or in an env file';

/** Asks for app key and secret and puts them into the system keyring, for one environment. */
export async function login({ variables, redact }: Call): Promise<Outcome> {
  const environment = environmentOf(variables);
  const stored = keyringCredentials(environment);
  // First of all, so that nobody types a secret in vain.
  await orUsageFailure(alternative, stored.read());
  const credentials = check(await askForCredentials());
  redact.learn(credentials.apiKey);
  redact.learn(credentials.apiSecret);
  await orUsageFailure(alternative, stored.write(credentials));
  return {
    exitCode: exitCodes.success,
    lines: [`app key and secret for ${environment} are in the system keyring`],
    fields: { success: true, environment },
  };
}

/**
 * The environment that the variables name, UAT where they name none.
 * @throws CommandFailure where it is none.
 */
export function environmentOf(variables: Variables): TTEnvironment {
  try {
    return readEnvironment(variables) ?? 'UAT';
  } catch (error) {
    throw usageFailure(inCommandTerms((error as Error).message));
  }
}

/** `<key>:<secret>`, as TT's Setup page shows it, or the two one after the other. */
async function askForCredentials(): Promise<readonly [apiKey: string, apiSecret: string]> {
  const isTerminal = process.stdin.isTTY;
  const [first = '', second] = isTerminal
    ? [await askHidden('app key, or <app key>:<secret>: ')]
    : (await readInput()).split(/\s*\n\s*/);
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
