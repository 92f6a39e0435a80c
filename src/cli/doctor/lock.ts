import type { Holder } from '../../stores/file/lock/holder.js';
import { lookAtLock } from '../../stores/file/lock/lock-folder.js';
import { currentProcess, stateOf } from '../../stores/file/lock/process-identity.js';
import { ok, warning, wrong } from './finding.js';
import { checkOfPlace } from './token-file.js';

const name = 'lock';

/** The refresh lock of the token file, and who holds it. */
export const lock = checkOfPlace(name, async (location, { redact }) => {
  const found = await lookAtLock(location.lock).catch((error: unknown) => error as Error);
  if (found instanceof Error) {
    return [wrong(name, redact.reason(found), `look at ${location.lock}`)];
  }
  if (!found) return [ok(name, 'nobody holds it')];
  const { holders, others } = found;
  const [holder] = holders;
  if (!holder && others.length > 0) {
    const message = `${location.lock} holds files of another program`;
    return [wrong(name, message, 'move them elsewhere, or choose another token file')];
  }
  const touched = `touched at ${new Date(found.mtimeMs).toISOString()}`;
  const held = `held by ${holderOf(holder)}, ${touched}`;
  if (holder && stateOf(holder) === 'dead') {
    const advice = 'nothing: the next refresh takes it over';
    return [warning(name, `${held}, which is dead`, advice)];
  }
  const advice = 'wait for its refresh; one that shows no life for 10 s is taken over';
  return [warning(name, holder && isHere(holder) ? `${held}, which is alive` : held, advice)];
});

function holderOf(holder: Holder | undefined): string {
  if (!holder) return 'a process that left no entry';
  return `process ${holder.pid} on ${isHere(holder) ? 'this host' : 'another host or container'}`;
}

function isHere({ host }: Holder): boolean {
  return host === currentProcess().host;
}
