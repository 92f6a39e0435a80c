import { dirname, join } from 'node:path';
import { isNear } from '../../base/checks.js';
import type { Redactor } from '../../base/redactor.js';
import { fileVariables, isSet, optionsFromEnv, type Variables } from '../../options/from-env.js';
import { missingCredentials } from '../../options/from-keyring.js';
import { type ResolvedOptions, resolveOptions, serviceUrl } from '../../options/options.js';
import { secretFile } from '../../options/secret-file.js';
import type { KeyringError } from '../../stores/keyring/entry.js';
import type { Call } from '../configuration.js';
import { readEnvFile, type EnvFile } from '../env-file.js';
import { implicitBaseUrlProblem, mergeSources, type Sources } from '../variables.js';
import { type Finding, ok, warning, wrong } from './finding.js';
import { partsOf } from './secrets.js';
import { problemOf } from './values.js';

/** A source of variables, and what it is called. */
interface Origin {
  readonly where: string;
  readonly variables: Variables;
}

const required = ['TT_API_KEY', 'TT_API_SECRET', 'TT_APP_NAME', 'TT_COMPANY_NAME'];
const defaults = new Map([
  ['TT_ENVIRONMENT', 'UAT'],
  ['TT_BASE_URL', serviceUrl],
]);
const files = fileVariables.map((name) => `${name}_FILE`);
const names = [...required, ...defaults.keys(), 'TT_TOKEN_FILE', 'TT_TOKEN_FILE_KEY', ...files];
/** The others are secrets, or names where a secret may have been put. */
const shown = [...defaults.keys(), 'TT_TOKEN_FILE'];

/** Looks at each variable: where its value comes from, and whether it can be right. */
export async function examineVariables(
  { options, sources }: Call,
  redact: Redactor,
): Promise<{ readonly findings: readonly Finding[]; readonly resolved: ResolvedOptions }> {
  const { fromOptions, environment, envFile } = sources;
  const given = mergeSources(sources);
  const ofKeyring: Finding[] = [];
  const fromKeyring = await missingCredentials(given).catch((error: unknown) => {
    const { isThere, reason } = error as Partial<KeyringError>;
    // A keyring that is not there is none that failed.
    if (isThere) ofKeyring.push(keyringProblem(reason));
    return {};
  });
  for (const secret of Object.values(fromKeyring)) redact.learnSecret(secret);
  const variables = { ...given, ...fromKeyring };
  const origins: readonly Origin[] = [
    { where: 'the command line', variables: fromOptions },
    { where: 'the environment', variables: environment },
    { where: envFile.path, variables: envFile.variables },
    { where: 'the system keyring', variables: fromKeyring },
  ];

  const urlProblem = implicitBaseUrlProblem({ verb: 'get', options }, sources, variables);
  const findings = [
    ...names.flatMap((name) => lookAt(name, origins, variables, sources)),
    ...unread(origins, variables),
    ...(await lookAtSecretFiles(variables, redact)),
    ...(urlProblem ? [wrong('TT_BASE_URL', 'TT_BASE_URL is not taken from .env', urlProblem)] : []),
    ...ofKeyring,
    ...(envFile.problem ? [fileProblem(envFile.problem, variables)] : []),
    ...lookAtYaml(envFile, variables),
  ];
  const faulty = findings.filter(({ status }) => status === 'wrong').map(({ name }) => name);
  const sound = Object.fromEntries(
    Object.entries(variables).filter(([name]) => !faulty.includes(name)),
  );
  const missing = required.filter((name) => !isSet(sound, name));
  const placeholders = Object.fromEntries(missing.map((name) => [name, 'placeholder']));
  const resolved = resolveOptions(optionsFromEnv({ ...sound, ...placeholders }));
  return { findings, resolved };
}

function lookAt(
  name: string,
  origins: readonly Origin[],
  all: Variables,
  sources: Sources,
): readonly Finding[] {
  const [origin, ...others] = origins.filter(({ variables }) => variables[name]?.trim());
  if (!origin) return lookAtUnset(name, sources, all);
  const raw = origin.variables[name] ?? '';
  const unused = others.filter(({ variables }) => variables[name]?.trim() !== raw.trim());
  const notes = unused.map(({ where }) => `; ${where} sets another value, which is not used`);
  const from = `from ${origin.where}${notes.join('')}`;
  const problem = problemOf(name, raw, all);
  if (problem) return [{ name, ...problem, message: `${name} ${problem.message} (${from})` }];
  return [ok(name, `${name} is ${shown.includes(name) ? `${raw.trim()}, ` : ''}${from}`)];
}

function lookAtUnset(name: string, sources: Sources, all: Variables): readonly Finding[] {
  const byDefault = defaults.get(name);
  if (byDefault !== undefined) return [ok(name, `${name} is ${byDefault}, by default`)];
  if (!required.includes(name) || isSet(all, name)) return [];
  const elsewhere = findElsewhere(name, sources);
  const orLogin = name.startsWith('TT_API_') ? ', or use tt-token login' : '';
  const advice = elsewhere
    ? `it stands in ${elsewhere}, which is not read here: name that file with --dotenv`
    : `set it as an environment variable or in ${sources.envFile.path}${orLogin}`;
  return [wrong(name, `${name} is not set`, advice)];
}

/** The `.env` that sets a variable and is not read: of a folder above, or beside `--dotenv`. */
function findElsewhere(name: string, { envFile, cwd }: Sources): string | undefined {
  let folder = cwd !== undefined && envFile.isImplicit ? dirname(cwd) : cwd;
  while (folder !== undefined) {
    if (readEnvFile(undefined, folder).variables[name]?.trim()) return join(folder, '.env');
    const above = dirname(folder);
    folder = above === folder ? undefined : above;
  }
  return undefined;
}

/** Names that nothing reads: all that begin as ours do, and those that look like one that is not set. */
function unread(origins: readonly Origin[], variables: Variables): readonly Finding[] {
  return origins.flatMap(({ where, variables: own }) =>
    Object.keys(own).flatMap((name) => {
      if (names.includes(name) || !/^tt_?\w{2,40}$/i.test(name)) return [];
      const isOurs = name.startsWith('TT_');
      const meant = names.find(
        (known) => isLike(name.toUpperCase(), known) && (isOurs || variables[known] === undefined),
      );
      if (!isOurs && !meant) return [];
      const advice = meant ? `did you mean ${meant}?` : 'see tt-token --help for the names';
      return [warning(name, `${name} is set in ${where}, and nothing reads it`, advice)];
    }),
  );
}

function isLike(name: string, known: string): boolean {
  const [one, other] = [name, known].map((text) => text.replace(/^TT|API|APP|_/g, ''));
  return one === other || isNear(known, name) || (name.length > 5 && known.startsWith(name));
}

/** What stands in the files that hold secrets. */
async function lookAtSecretFiles(
  variables: Variables,
  redact: Redactor,
): Promise<readonly Finding[]> {
  const found = fileVariables.map(async (name): Promise<readonly Finding[]> => {
    const file = `${name}_FILE`;
    if (variables[file] === undefined) return [];
    if (variables[name] !== undefined) {
      return [wrong(file, `${name} and ${file} are both set`, 'unset one of them')];
    }
    try {
      const text = await secretFile(file, variables[file].trim())();
      partsOf(text).forEach(redact.learnSecret);
      const problem = problemOf(name, text, variables);
      return problem
        ? [{ name: file, ...problem, message: `what ${file} names ${problem.message}` }]
        : [];
    } catch (error) {
      return [wrong(file, (error as Error).message, `correct ${file}, or the file`)];
    }
  });
  return (await Promise.all(found)).flat();
}

function lookAtYaml({ path, yamlNames = [] }: EnvFile, variables: Variables): readonly Finding[] {
  if (yamlNames.length === 0) return [];
  const isNeeded = yamlNames.some((name) => !isSet(variables, name.toUpperCase()));
  const message = `${path} sets ${yamlNames.join(', ')} with a colon, as YAML does: that is not read`;
  return [(isNeeded ? wrong : warning)('env file', message, 'write NAME=value, one a line')];
}

function keyringProblem(reason = 'unknown error'): Finding {
  const message = `the system keyring gives no key and no secret (${reason})`;
  return warning('keyring', message, 'unlock it, or set TT_API_KEY and TT_API_SECRET');
}

function fileProblem(problem: string, variables: Variables): Finding {
  const isNeeded = required.some((name) => !isSet(variables, name));
  const advice = 'mend it, or set the variables in the environment';
  return (isNeeded ? wrong : warning)('env file', problem, advice);
}
