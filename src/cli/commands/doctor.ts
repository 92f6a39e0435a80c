import { keepingAlive } from '../../base/abort.js';
import { createRedactor } from '../../base/redactor.js';
import type { Call } from '../configuration.js';
import { clockAndNetwork } from '../doctor/network.js';
import { examineVariables } from '../doctor/configuration.js';
import { type Finding, warning, wrong } from '../doctor/finding.js';
import { fileSystem } from '../doctor/file-system.js';
import { lock } from '../doctor/lock.js';
import { record } from '../doctor/record.js';
import { runtime } from '../doctor/runtime.js';
import type { Check, Scene } from '../doctor/scene.js';
import { knownSecrets } from '../doctor/secrets.js';
import { tokenFile } from '../doctor/token-file.js';
import { tokenRequest } from '../doctor/token-request.js';
import { exitCodes } from '../failure.js';
import type { Outcome } from '../output.js';
import { useProxies } from '../proxy.js';

const checks: readonly Check[] = [
  runtime,
  clockAndNetwork,
  tokenFile,
  fileSystem,
  lock,
  record,
  tokenRequest,
];

/**
 * Looks at everything that a token needs. It takes no lock and writes nothing; with `--online` it asks for a
 * token, which it drops.
 */
export async function doctor(call: Call): Promise<Outcome> {
  const redact = createRedactor(...knownSecrets(call.sources));
  const { findings: ofVariables, resolved } = await examineVariables(call, redact);
  const faulty = new Set(ofVariables.filter(isWrong).map(({ name }) => name));
  const { environment } = call.sources;
  try {
    useProxies(environment);
  } catch {
    // One that is no URL is a finding of its own.
  }
  const scene = { options: call.options, environment, resolved, faulty, redact };
  const wanted = checks.filter(({ isWanted }) => isWanted?.(call.options) ?? true);
  const possible = wanted.filter((check) => missingFor(check, faulty).length === 0);
  const findings = [...ofVariables];
  for (const check of possible) findings.push(...(await keepingAlive(carryOut(check, scene))));
  findings.push(...unchecked(wanted, faulty));
  return report(findings.map((finding) => redacted(finding, scene)));
}

/** Carries out a check; one that fails is a finding like others. */
export async function carryOut(check: Check, scene: Scene): Promise<readonly Finding[]> {
  try {
    return await check.look(scene);
  } catch (error) {
    const reason = scene.redact.reason(error);
    return [wrong(check.name, `the check failed: ${reason}`, 'please report it')];
  }
}

/** The variables that a check needs and that are wrong. */
function missingFor({ needs }: Check, faulty: ReadonlySet<string>): readonly string[] {
  return Array.from(faulty).filter((variable) => needs === 'all' || needs.includes(variable));
}

/** One finding of all that cannot be checked yet. */
function unchecked(wanted: readonly Check[], faulty: ReadonlySet<string>): readonly Finding[] {
  const left = wanted.filter((check) => missingFor(check, faulty).length > 0);
  if (left.length === 0) return [];
  const missing = new Set(left.flatMap((check) => missingFor(check, faulty)));
  const names = left.map(({ name }) => name).join(', ');
  const advice = `mend ${Array.from(missing).join(' and ')} first`;
  return [warning('not checked', `not checked: ${names}`, advice)];
}

function isWrong({ status }: Finding): boolean {
  return status === 'wrong';
}

function redacted({ name, status, message, advice }: Finding, { redact }: Scene): Finding {
  // A value may hold line ends, or what a terminal obeys.
  const line = (text: string): string => redact.own(text.replace(/\p{Cc}+/gu, ' '));
  return {
    name: line(name),
    status,
    message: line(message),
    ...(advice !== undefined && { advice: line(advice) }),
  };
}

function report(findings: readonly Finding[]): Outcome {
  const success = !findings.some(isWrong);
  return {
    exitCode: success ? exitCodes.success : exitCodes.failed,
    lines: findings.flatMap(({ name, status, message, advice }) => [
      `${status.padEnd(8)} ${message.startsWith(name) ? '' : `${name}: `}${message}`,
      ...(advice === undefined ? [] : [`${' '.repeat(9)}${advice}`]),
    ]),
    fields: { success, checks: findings },
  };
}
