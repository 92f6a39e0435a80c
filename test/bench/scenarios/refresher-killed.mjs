import { setTimeout as sleep } from 'node:timers/promises';
import { nameOf } from '../clients/index.mjs';
import { fixed } from '../lib/format.ts';
import { atMost } from '../lib/report.ts';
import { outcomeColumns, outcomesOf } from '../lib/outcomes.mjs';
import { all, takeTurns } from '../lib/rounds.mjs';
import { median, sum } from '../lib/statistics.ts';

export const name = 'refresher-killed';
export const title = 'SIGKILL of the process that refreshes, 16 others waiting';

const others = 16;
const callers = 50;
const mostMs = 300;
const ours = 'fetch:tt-token-manager, fetch';
const lockfile = 'fetch:hand-written fetch, proper-lockfile';
/** A lock that is stale after 5 s makes a round of the other as long. */
const oursInARound = 8;

export async function run({ isFull, progress, stage }) {
  const rounds = isFull ? 4 : 1;
  const service = await stage.startService();
  const workers = await stage.startWorkers(others + 1);

  async function measure(id) {
    const settings = { id, origin: service.origin, api: 'http', tokenFile: stage.newTokenFile() };
    await service.call('reset');
    await Promise.all(
      workers.map((worker, index) => worker.call('create', { ...settings, name: `w${index}` })),
    );
    await service.call('holdTokenRequests');
    const asked = workers.map((worker) => worker.call('getTokenTogether', { count: callers }));
    const refresher = Number((await service.call('firstSender')).slice(1));
    await sleep(100); // the others have found the lock by now
    await service.call('forgetTokenRequests');
    await service.call('stopHolding');
    const killedAt = Date.now();
    await workers[refresher].kill();
    const served = await Promise.all(asked.toSpliced(refresher, 1));
    workers[refresher] = await stage.startWorker();
    return {
      ms: Math.max(...all(served, 'finishedAt')) - killedAt,
      failures: sum(all(served, 'failures')),
      tokenRequests: await service.call('tokenRequests'),
    };
  }

  progress(`${oursInARound * rounds} rounds, and ${rounds} of the other client`);
  const results = await takeTurns([ours, lockfile], rounds, async (id) => {
    const list = [];
    const count = id === ours ? oursInARound : 1;
    for (let index = 0; index < count; index++) list.push(await measure(id));
    return list;
  });

  return {
    columns: ['client', 'rounds', ...outcomeColumns],
    rows: [...results].map(([id, lists]) => rowOf(id, lists.flat())),
    note:
      'Milliseconds from the SIGKILL until the last is served, token requests from then on. That of the ' +
      'killed process is never answered; the next one takes 50 ms. The lock of the other client is stale after 5 s.',
  };
}

function rowOf(id, list) {
  const { cells, short, oneRequest, noFailure } = outcomesOf(list);
  const ms = all(list, 'ms');
  const isFast = atMost(mostMs, Math.max(...ms), (most) => `${most} ms`);
  return {
    label: nameOf(id),
    cells: [fixed(list.length), ...cells],
    checks: id === ours ? [oneRequest, noFailure, isFast] : [],
    short: `${short}, the last served after ${fixed(median(ms))} ms`,
  };
}
