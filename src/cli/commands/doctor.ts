import { keepingAlive } from '../../base/abort.js';
import { createRedactor } from '../../base/redactor.js';
import type { Call } from '../configuration.js';
import { clockAndNetwork } from '../doctor/network.js';
import { examineVariables } from '../doctor/configuration.js';
import { fileSystem } from '../doctor/file-system.js';
import { lock } from '../doctor/lock.js';
import { record } from '../doctor/record.js';
import { runtime } from '../doctor/runtime.js';
import { type Check, type Finding, type Scene, warning, wrong } from '../doctor/scene.js';
import { knownSecrets } from '../doctor/secrets.js';
import { tokenFile } from '../doctor/token-file.js';
import { tokenRequest } from '../doctor/token-request.js';
import { exitCodes } from '../failure.js';
import type { Outcome } from '../output.js';
import { useProxies } from '../proxy.js';

const checks: readonly Check[] = [
  runtime,
  tokenFile,
  fileSystem,
  lock,
  record,
  clockAndNetwork,
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
  const findings = [...ofVariables];
  for (const check of checks) findings.push(...(await keepingAlive(carryOut(check, scene))));
  return report(findings.map((finding) => redacted(finding, scene)));
}

/** Carries out a check, if what it needs is right; one that fails is a finding like others. */
export async function carryOut(check: Check, scene: Scene): Promise<readonly Finding[]> {
  const { name, needs } = check;
  const missing = needs.filter((variable) => scene.faulty.has(variable));
  if (missing.length > 0) {
    return [warning(name, 'not checked', `mend ${missing.join(' and ')} first`)];
  }
  try {
    return await check.look(scene);
  } catch (error) {
    const reason = scene.redact.reason(error);
    return [wrong(name, `the check failed: ${reason}`, 'please report it')];
  }
}

function isWrong({ status }: Finding): boolean {
  return status === 'wrong';
}

function redacted({ name, status, message, advice }: Finding, { redact }: Scene): Finding {
  return {
    name: redact.text(name),
    status,
    message: redact.text(message),
    ...(advice !== undefined && { advice: redact.text(advice) }),
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
