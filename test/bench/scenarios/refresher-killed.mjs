import { setTimeout as sleep } from 'node:timers/promises';
import { isRedisInstalled } from '../../helpers/redis-installed.ts';
import { nameOf } from '../clients/index.mjs';
import { fixed } from '../lib/format.ts';
import { atMost } from '../lib/report.ts';
import { outcomeColumns, outcomesOf } from '../lib/outcomes.mjs';
import { all, takeTurns } from '../lib/rounds.mjs';
import { median, sum } from '../lib/statistics.ts';

export const name = 'refresher-killed';
export const title = 'SIGKILL or SIGSTOP of the process that refreshes, others waiting';

const callers = 50;
const ours = 'fetch:tt-token-manager, fetch';
const peer = 'fetch:hand-written fetch, proper-lockfile';

/** What is measured, how often in a short run, and how long the last may wait. */
const onFile = [
  { id: ours, signal: 'SIGKILL', waiting: 4, rounds: 2, mostMs: 300 },
  { id: ours, signal: 'SIGKILL', waiting: 16, rounds: 8, mostMs: 500 },
  { id: ours, signal: 'SIGKILL', waiting: 64, rounds: 2, mostMs: 600 },
  { id: ours, signal: 'SIGSTOP', waiting: 16, rounds: 1, mostMs: 7_000 },
  { id: peer, signal: 'SIGKILL', waiting: 16, rounds: 1 },
];
/** The lease of a dead or frozen process ends by itself, after 1.5 s. */
const onRedis = [4, 16, 64].flatMap((waiting) =>
  ['SIGKILL', ...(waiting === 16 ? ['SIGSTOP'] : [])].map((signal) => ({
    ...{ id: 'fetch:tt-token-manager, Redis', isOnRedis: true, signal, waiting },
    ...{ rounds: 1, mostMs: 2_500 },
  })),
);

/** Short: about 30 s. */
export async function run({ isFull, progress, stage }) {
  const service = await stage.startService();
  const workers = await stage.startWorkers(65);
  const cases = [...onFile, ...(isRedisInstalled ? onRedis : [])];
  const port = isRedisInstalled ? await stage.startRedis() : undefined;
  let rounds = 0;

  function shared({ isOnRedis }) {
    if (!isOnRedis) return { tokenFile: stage.newTokenFile() };
    return { redis: { port, keyPrefix: `round-${++rounds}` } };
  }

  async function measure(given) {
    const { id, signal, waiting } = given;
    const settings = { id, origin: service.origin, api: 'http', ...shared(given) };
    const taking = workers.slice(0, waiting + 1);
    await service.call('reset');
    await Promise.all(
      taking.map((worker, index) => worker.call('create', { ...settings, name: `w${index}` })),
    );
    await service.call('holdTokenRequests');
    const asked = taking.map((worker) => worker.call('getTokenTogether', { count: callers }));
    const refresher = Number((await service.call('firstSender')).slice(1));
    await sleep(100); // the others have found the lock by now
    await service.call('forgetTokenRequests');
    await service.call('stopHolding');
    const endedAt = Date.now();
    process.kill(taking[refresher].pid, signal);
    const served = await Promise.all(asked.toSpliced(refresher, 1));
    await taking[refresher].kill();
    workers[refresher] = await stage.startWorker();
    return {
      ms: Math.max(...all(served, 'finishedAt')) - endedAt,
      failures: sum(all(served, 'failures')),
      tokenRequests: await service.call('tokenRequests'),
    };
  }

  const lists = await takeTurns(cases, isFull ? 4 : 1, async (given) => {
    progress(`${nameOf(given.id)}, ${given.signal}, ${given.waiting} waiting`);
    const list = [];
    while (list.length < given.rounds) list.push(await measure(given));
    return list;
  });

  return {
    columns: ['client', 'signal, waiting', 'rounds', ...outcomeColumns],
    rows: [...lists].map(([given, list]) => rowOf(given, list.flat())),
    note:
      'Milliseconds from the signal until the last is served, token requests from then on. That of the process ' +
      'itself is never answered; the next one takes 50 ms. On a file, a dead process is seen at once, a frozen one ' +
      'after 5 s; on Redis both lose their lease after 1.5 s. The lock of the other client is stale after 5 s.',
  };
}

function rowOf({ id, isOnRedis, signal, waiting, mostMs }, list) {
  const { cells, short, oneRequest, noFailure } = outcomesOf(list);
  const ms = all(list, 'ms');
  const isInShort = signal === 'SIGKILL' && waiting === 16 && !isOnRedis;
  return {
    label: isOnRedis || id === peer ? nameOf(id) : 'tt-token-manager, file',
    cells: [`${signal}, ${waiting}`, fixed(list.length), ...cells],
    checks: mostMs
      ? [oneRequest, noFailure, atMost(mostMs, Math.max(...ms), (most) => `${fixed(most)} ms`)]
      : [],
    short: isInShort ? `${short}, the last served after ${fixed(median(ms))} ms` : undefined,
  };
}
