import { isOurs, nameOf } from '../clients/index.mjs';
import { ratio } from '../lib/format.ts';
import { atMost } from '../lib/report.ts';
import { outcomeColumns, outcomesOf } from '../lib/outcomes.mjs';
import { all, takeTurns } from '../lib/rounds.mjs';
import { median, quotients, sum } from '../lib/statistics.ts';

export const name = 'many-processes';
export const title = 'Processes (4, 16, 64) without a token, until the last is served';

const sizes = [4, 16, 64];
const states = ['empty', 'expired'];
const callers = 50;
const mostOfFloor = 2;
const twoDaysMs = 2 * 86_400_000;

/** What the processes share: settings of their clients. */
const file = (stage) => ({ tokenFile: stage.newTokenFile() });
const nothing = () => ({});
const floor = { id: 'fetch:hand-written fetch', label: 'each for itself', share: nothing };
const contenders = [
  floor,
  { id: 'fetch:tt-token-manager, fetch', label: 'tt-token-manager, file', share: file },
  { id: 'fetch:hand-written fetch, proper-lockfile', share: file },
];

export async function run({ isFull, progress, stage }) {
  const rounds = isFull ? 20 : 3;
  const service = await stage.startService();

  /** All processes make the client anew, and ask at once. */
  async function measure(workers, state, { id, share }) {
    const settings = { id, origin: service.origin, api: 'http', ...share(stage) };
    const details = (index) => ({ ...settings, name: `w${index}` });
    await service.call('reset');
    if (state === 'expired') {
      await workers[0].call('getTokenAt', { ...details(0), shiftMs: -twoDaysMs });
      await service.call('forgetTokenRequests');
    }
    await Promise.all(workers.map((worker, index) => worker.call('create', details(index))));
    const startedAt = Date.now();
    const asked = workers.map((worker) => worker.call('getTokenTogether', { count: callers }));
    const served = await Promise.all(asked);
    return {
      ms: Math.max(...all(served, 'finishedAt')) - startedAt,
      failures: sum(all(served, 'failures')),
      tokenRequests: await service.call('tokenRequests'),
    };
  }

  const rows = [];
  for (const size of sizes) {
    const workers = await stage.startWorkers(size);
    for (const state of states) {
      progress(`${size} processes, ${state} store`);
      const measureContender = (contender) => measure(workers, state, contender);
      await takeTurns(contenders, 1, measureContender); // to warm up
      const results = await takeTurns(contenders, rounds, measureContender);
      const floors = all(results.get(floor), 'ms');
      for (const [contender, list] of results) {
        const ofFloor = median(quotients(all(list, 'ms'), floors));
        rows.push(rowOf({ size, state, contender, list, ofFloor }));
      }
    }
    await Promise.all(workers.map((worker) => worker.kill()));
  }
  return {
    columns: ['client', 'processes, store', ...outcomeColumns, 'ratio'],
    rows,
    note:
      `Milliseconds until the last is served; ${rounds} rounds after one to warm up, the same processes in ` +
      'all of them; a token request takes 50 ms.',
  };
}

function rowOf({ size, state, contender, list, ofFloor }) {
  const { id, label = nameOf(id) } = contender;
  const { cells, short, oneRequest, noFailure } = outcomesOf(list);
  const row = { label, cells: [`${size}, ${state}`, ...cells, ratio(ofFloor)] };
  if (size === 64 && state === 'empty') row.short = `${short}, ${ratio(ofFloor)} with 64`;
  if (contender === floor) return { ...row, checks: [noFailure] };
  return {
    ...row,
    checks: isOurs(id) ? [oneRequest, noFailure, atMost(mostOfFloor, ofFloor, ratio)] : [],
    bar: { group: `${size} processes, ${state} store, against each for itself`, ratio: ofFloor },
  };
}
