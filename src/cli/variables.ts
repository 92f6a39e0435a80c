import { workingDirectory } from '../base/working-directory.js';
import { fileVariables, isSet, type Variables } from '../options/from-env.js';
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
 * @throws CommandFailure where the file that `--dotenv` names cannot be read.
 */
export function readSources(
  { options }: Pick<Arguments, 'options'>,
  host: Pick<NodeJS.Process, 'env' | 'cwd'>,
): Sources {
  const cwd = workingDirectory(() => host.cwd());
  const envFile = readEnvFile(options.dotenv, cwd);
  if (envFile.problem && !envFile.isImplicit) throw usageFailure(envFile.problem);
  const fromOptions = {
    TT_ENVIRONMENT: options.environment,
    TT_TOKEN_FILE: options['token-file'],
    TT_BASE_URL: options['base-url'],
  };
  return {
    fromOptions,
    environment: inCapitals(host.env),
    envFile: { ...envFile, variables: inCapitals(envFile.variables) },
    cwd,
  };
}

/** On Windows the case of names does not count: those of our variables are put into capitals. */
function inCapitals(variables: Variables): Variables {
  if (process.platform !== 'win32') return variables;
  const entries = Object.entries(variables);
  const renamed = entries.map(([name, value]) => [
    name.replace(/^tt_.*/i, (own) => own.toUpperCase()),
    value,
  ]);
  const inPlace = entries.filter(([name, value]) => name === name.toUpperCase() && value?.trim());
  return Object.fromEntries([...renamed, ...inPlace]) as Variables;
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
    if (needs.some((name) => !isSet(variables, name))) throw usageFailure(problem);
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
  let merged: Variables = {};
  for (const set of sets) {
    const own = Object.entries(set).filter(
      ([name, value]) => name.startsWith('TT_') && value?.trim(),
    );
    // A value and the file that holds it are one setting.
    const replaced = fileVariables
      .filter((name) => isSet(set, name))
      .flatMap((name) => [name, `${name}_FILE`]);
    const before = Object.entries(merged).filter(([name]) => !replaced.includes(name));
    merged = Object.fromEntries([...before, ...own]);
  }
  return merged;
}

/** The variables, with the app key and secret that are needed and not set from the keyring. */
async function completedFromKeyring(
  variables: Variables,
  needs: readonly string[],
  output: Output,
): Promise<Variables> {
  const isMissing = (name: string) => needs.includes(name) && !isSet(variables, name);
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
  const sendsSecret = verb === 'get' || verb === 'keep' || verb === 'refused';
  const isSent = sendsSecret || options.online;
  const isFromFile = merge(environment, fromOptions).TT_BASE_URL === undefined;
  const isImplicit = envFile.isImplicit && isFromFile && variables.TT_BASE_URL !== undefined;
  if (!isSent || !isImplicit) return undefined;
  // --online sends app key and token, which belong to the owner of the secret, where there is one.
  const hasSecret = isSet(variables, 'TT_API_SECRET');
  const name = sendsSecret || hasSecret ? 'TT_API_SECRET' : 'TT_API_KEY';
  if (!isSet(variables, name)) return undefined;
  // A file that it names may be anybody's: only a value that stands in it counts.
  const value = variables[name]?.trim();
  if (value !== undefined && envFile.variables[name]?.trim() === value) return undefined;
  return (
    `.env in the working directory sets TT_BASE_URL, but ${name} does not come from it: ` +
    'if this file may say where it is sent, name it with --dotenv .env, or set TT_BASE_URL yourself'
  );
}
