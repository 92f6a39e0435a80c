import type { OwnerPlace } from '../../stores/file/lock/owner.js';
import { currentProcess } from '../../stores/file/lock/process-identity.js';
import { judge, lookAtLock } from '../../stores/file/lock/takeover.js';
import { ok, warning, wrong } from './scene.js';
import { checkOfPlace, statsOf } from './token-file.js';

const name = 'lock';

/** The refresh lock of the token file, and who holds it. */
export const lock = checkOfPlace(name, async (location, { redact }) => {
  const found = await lookAtLock(location).catch((error: unknown) => error as Error);
  if (found instanceof Error) {
    return [wrong(name, redact.reason(found), `look at ${location.lock}`)];
  }
  const { ownerState } = judge(found);
  if (ownerState === 'none') return [ok(name, 'nobody holds it')];
  const since = (await statsOf(location.owner))?.mtimeMs ?? found.folder?.touchedAt ?? 0;
  const held = `held by ${holderOf(found.owner)} since ${new Date(since).toISOString()}`;
  if (ownerState === 'alive') {
    const advice = `wait for its refresh; others ask without the lock after 30 s`;
    return [warning(name, `${held}, which is alive`, advice)];
  }
  const state = ownerState === 'silent' ? 'shows no sign of life' : 'is dead';
  const advice = 'nothing: the next refresh takes it over';
  return [warning(name, `${held}, which ${state}`, advice)];
});

function holderOf(owner: OwnerPlace): string {
  if (typeof owner !== 'object') return 'a process that left no record';
  const isHere = owner.host === currentProcess().host;
  // Anybody may have written the record.
  const host: unknown = owner.host;
  const [hostname] = String(host).split(' ');
  return `process ${owner.pid} on ${isHere ? 'this host' : `another host or container (${hostname})`}`;
}
