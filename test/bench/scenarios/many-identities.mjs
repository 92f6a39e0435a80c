import { dirname } from 'node:path';
import { fixed } from '../lib/format.ts';
import { atMost, exactly } from '../lib/report.ts';

export const name = 'many-identities';
export const title = 'Managers of as many app keys in one process';

const sizes = [100, 1_000];
/** One, and some of Node's that end meanwhile. */
const mostTimers = 1.1;
/** So many ask at a time: each token request under way has a connection, which is no cost of the manager. */
const together = 50;

/** Both forms: 18 s on a busy machine. */
export async function run({ progress, stage }) {
  const service = await stage.startService();

  /** In a process that has loaded all, and has its connections. */
  async function measure(count) {
    const managers = await stage.startManagers();
    async function take(size) {
      const folder = dirname(stage.newTokenFile());
      const details = { count: size, together, folder, origin: service.origin };
      return managers.call('takeIdentities', details);
    }
    await take(2 * together);
    await service.call('reset');
    const result = await take(count);
    const tokenRequests = await service.call('tokenRequests');
    await managers.call('watchTimers');
    await take(count);
    const timers = await managers.call('closeAll');
    await managers.kill();
    return { ...result, tokenRequests, timers };
  }

  const rows = [];
  for (const count of sizes) {
    progress(`${count} managers`);
    rows.push(rowOf(count, await measure(count)));
  }
  return {
    columns: [
      ...['client', 'managers', 'token requests', 'failed', 'µs to create one', 'ms a token'],
      ...['KiB of heap a manager', 'timers a manager'],
    ],
    rows,
    note:
      `Each has a token file of its own, a token, and autoRefresh. They ask for their tokens ${together} at a time; a ` +
      'token request takes 50 ms. The heap is that after a collection, beyond what the process had before. Timers: ' +
      'those that end when all managers are closed.',
  };
}

function rowOf(count, result) {
  const { tokenRequests, failures, createMs, ms, bytes, timers } = result;
  const kiB = fixed(bytes / count / 1_024, 1);
  return {
    label: 'tt-token-manager, file',
    cells: [
      ...[fixed(count), fixed(tokenRequests), fixed(failures), fixed((1_000 * createMs) / count)],
      ...[fixed(ms / count, 1), kiB, fixed(timers / count, 2)],
    ],
    checks: [
      exactly(count, 'token requests', [tokenRequests]),
      exactly(0, 'failed', [failures]),
      atMost(mostTimers, timers / count, (most) => `${most} timers a manager`),
    ],
    short: count === Math.max(...sizes) ? `${kiB} KiB of heap a manager` : undefined,
  };
}
