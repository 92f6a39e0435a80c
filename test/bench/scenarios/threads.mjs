import { ratio } from '../lib/format.ts';
import { ratioAtMost } from '../lib/report.ts';
import { outcomeColumns, outcomesOf } from '../lib/outcomes.mjs';
import { all, takeTurns } from '../lib/rounds.mjs';
import { median, quotients, sum } from '../lib/statistics.ts';

export const name = 'threads';
export const title =
  'Worker threads (1 to 64) of one process without a token, until the last is served';

const sizes = [1, 4, 16, 64];
const callers = 50;
const mostRatio = 2;
const floor = 'fetch:hand-written fetch';
const ours = 'fetch:tt-token-manager, fetch';

/** Short: 25 s on a busy machine. */
export async function run({ isFull, progress, stage }) {
  const rounds = isFull ? 20 : 3;
  const service = await stage.startService();

  /** All threads make the client anew, and ask at once. */
  async function measure(threads, id) {
    const settings = { id, origin: service.origin, api: 'http', tokenFile: stage.newTokenFile() };
    await service.call('reset');
    await Promise.all(
      threads.map((thread, index) => thread.call('create', { ...settings, name: `t${index}` })),
    );
    const startedAt = Date.now();
    const served = await Promise.all(
      threads.map((thread) => thread.call('getTokenTogether', { count: callers })),
    );
    return {
      ms: Math.max(...all(served, 'finishedAt')) - startedAt,
      failures: sum(all(served, 'failures')),
      tokenRequests: await service.call('tokenRequests'),
    };
  }

  const rows = [];
  for (const size of sizes) {
    progress(`${size} threads`);
    const threads = await stage.startThreads(size);
    const measureClient = (id) => measure(threads, id);
    await takeTurns([floor, ours], 1, measureClient); // to warm up
    const results = await takeTurns([floor, ours], rounds, measureClient);
    const floorMs = all(results.get(floor), 'ms');
    for (const [id, list] of results) {
      rows.push(rowOf(size, id, list, median(quotients(all(list, 'ms'), floorMs))));
    }
    await Promise.all(threads.map((thread) => thread.kill()));
  }
  return {
    columns: ['client', 'threads', ...outcomeColumns, 'ratio'],
    rows,
    note:
      'A thread has a manager of its own, and all share one token file, which is empty. Milliseconds until the last ' +
      `of ${callers} calls in each thread is served; ${rounds} rounds after one to warm up; a token request takes 50 ms.`,
  };
}

function rowOf(size, id, list, quotient) {
  const { cells, short, oneRequest, noFailure } = outcomesOf(list);
  const isFloor = id === floor;
  return {
    label: isFloor ? 'each for itself' : 'tt-token-manager, file',
    cells: [String(size), ...cells, ratio(quotient)],
    checks: isFloor ? [noFailure] : [oneRequest, noFailure, ratioAtMost(mostRatio, quotient)],
    bar: isFloor
      ? undefined
      : { group: `${size} threads, empty store, against each for itself`, ratio: quotient },
    short: size === 64 ? `${short}, ${ratio(quotient)} with 64` : undefined,
  };
}
