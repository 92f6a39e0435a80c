import { workingDirectory } from '../base/working-directory.js';
import type { Variables } from '../options/from-env.js';
import { missingCredentials } from '../options/from-keyring.js';
import type { KeyringError } from '../stores/keyring/entry.js';
import type { Arguments } from './arguments.js';
import { readEnvFile, type EnvFile } from './env-file.js';
import { usageFailure } from './failure.js';
import type { Output } from './output.js';

/** Where the variables of a call come from, the first one wins. */
export interface Sources {
  readonly fromOptions: Variables;
  readonly environment: Variables;
  readonly envFile: EnvFile;
  /** The working directory, if it is there. */
  readonly cwd: string | undefined;
}

/**
 * Reads the sources of the variables.
 * @throws CommandFailure where the file that `--env-file` names cannot be read.
 */
export function readSources(
  { options }: Pick<Arguments, 'options'>,
  host: Pick<NodeJS.Process, 'env' | 'cwd'>,
): Sources {
  const cwd = workingDirectory(() => host.cwd());
  const envFile = readEnvFile(options['env-file'], cwd);
  if (envFile.problem && !envFile.isImplicit) throw usageFailure(envFile.problem);
  const fromOptions = {
    TT_ENVIRONMENT: options.environment,
    TT_TOKEN_FILE: options['token-file'],
    TT_BASE_URL: options['base-url'],
  };
  return { fromOptions, environment: host.env, envFile, cwd };
}

/**
 * Reads the variables of a call: options beat the environment, the environment beats the env file, and the
 * keyring gives the app key and secret that are needed and missing.
 * @throws CommandFailure where the env file cannot be read, or would send a secret to another host.
 */
export async function readVariables(
  given: Arguments,
  sources: Sources,
  output: Output,
): Promise<Variables> {
  const { needs } = given;
  const { problem } = sources.envFile;
  const variables = await completedFromKeyring(mergeSources(sources), needs, output);
  if (problem) {
    if (needs.some((name) => variables[name] === undefined)) throw usageFailure(problem);
    output.warning(problem);
  }
  const urlProblem = implicitBaseUrlProblem(given, sources, variables);
  if (urlProblem) throw usageFailure(urlProblem);
  return variables;
}

/** The variables that the sources set. */
export function mergeSources({ fromOptions, environment, envFile }: Sources): Variables {
  return merge(envFile.variables, environment, fromOptions);
}

/** Merges sets of variables: the later ones win, except where they leave one unset or blank. */
function merge(...sets: readonly Variables[]): Variables {
  const entries = sets.flatMap((set) => Object.entries(set));
  return Object.fromEntries(
    entries.filter(([name, value]) => name.startsWith('TT_') && value?.trim()),
  );
}

/** The variables, with the app key and secret that are needed and not set from the keyring. */
async function completedFromKeyring(
  variables: Variables,
  needs: readonly string[],
  output: Output,
): Promise<Variables> {
  const isMissing = (name: string) => needs.includes(name) && variables[name] === undefined;
  if (!['TT_API_KEY', 'TT_API_SECRET'].some(isMissing)) return variables;
  try {
    return { ...variables, ...(await missingCredentials(variables)) };
  } catch (error) {
    // configure() names what is missing, or a wrong TT_ENVIRONMENT.
    const { isThere, reason } = error as Partial<KeyringError>;
    if (isThere) output.warning(`the system keyring gives no key and no secret (${reason})`);
    return variables;
  }
}

/**
 * Why the base URL of an implicit `.env` must not get the secret: it comes from elsewhere, and the `.env` of a
 * foreign folder must not send a user's secret to another host.
 */
export function implicitBaseUrlProblem(
  { verb, options }: Pick<Arguments, 'verb' | 'options'>,
  { fromOptions, environment, envFile }: Sources,
  variables: Variables,
): string | undefined {
  const sendsSecret = verb === 'get' || verb === 'keep';
  const isSent = sendsSecret || options.online;
  const isFromFile = merge(environment, fromOptions).TT_BASE_URL === undefined;
  const isImplicit = envFile.isImplicit && isFromFile && variables.TT_BASE_URL !== undefined;
  if (!isSent || !isImplicit) return undefined;
  // --online sends app key and token, which belong to the owner of the secret, where there is one.
  const name = sendsSecret || variables.TT_API_SECRET ? 'TT_API_SECRET' : 'TT_API_KEY';
  const value = variables[name];
  if (value === undefined || envFile.variables[name]?.trim() === value.trim()) return undefined;
  return (
    `.env in the working directory sets TT_BASE_URL, but ${name} does not come from it: ` +
    'if this file may say where it is sent, name it with --env-file .env, or set TT_BASE_URL yourself'
  );
}
