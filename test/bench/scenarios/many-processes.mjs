import { isRedisInstalled } from '../../helpers/redis-installed.ts';
import { isOurs, nameOf } from '../clients/index.mjs';
import { ratio } from '../lib/format.ts';
import { atMost } from '../lib/report.ts';
import { outcomeColumns, outcomesOf } from '../lib/outcomes.mjs';
import { all, takeTurns } from '../lib/rounds.mjs';
import { median, quotients, sum } from '../lib/statistics.ts';

export const name = 'many-processes';
export const title = 'Processes (4 to 256) without a token, until the last is served';

const sizes = [4, 16, 64];
const sizesInFull = [...sizes, 256];
const states = ['empty', 'expired'];
const callers = 50;
/** In their second round, all processes compile what has turned out to be hot. */
const warmUps = 2;
/** No fault in CI: how so many processes share its cores is not ours. */
const mostRatio = { 4: 2, 16: 2.5, 64: 3, 256: 3 };
const mostOfFile = 0.9;
const twoDaysMs = 2 * 86_400_000;

/** What the processes share: settings of their clients. */
const file = (stage) => ({ tokenFile: stage.newTokenFile() });
const nothing = () => ({});
const floor = { id: 'fetch:hand-written fetch', label: 'each for itself', share: nothing };
const onFile = {
  id: 'fetch:tt-token-manager, fetch',
  label: 'tt-token-manager, file',
  share: file,
};
const lockfile = { id: 'fetch:hand-written fetch, proper-lockfile', share: file };

export async function run({ isFull, progress, stage }) {
  const roundsOf = (size) => (isFull ? (size > 64 ? 5 : 20) : 3);
  const service = await stage.startService();
  const onRedis = isRedisInstalled ? [await contenderOnRedis(stage)] : [];
  if (!isRedisInstalled) progress('no redis-server, so no rows of processes on Redis');

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
  for (const size of isFull ? sizesInFull : sizes) {
    const workers = await stage.startWorkers(size);
    const contenders = [floor, onFile, ...(size <= 64 ? [lockfile] : []), ...onRedis];
    for (const state of states) {
      progress(`${size} processes, ${state} store`);
      const measureContender = (contender) => measure(workers, state, contender);
      await takeTurns(contenders, warmUps, measureContender);
      const results = await takeTurns(contenders, roundsOf(size), measureContender);
      for (const [contender, list] of results) {
        const others = results.get(contender.against ?? floor);
        const quotient = median(quotients(all(list, 'ms'), all(others, 'ms')));
        rows.push(rowOf({ size, state, contender, list, quotient }));
      }
    }
    await Promise.all(workers.map((worker) => worker.kill()));
  }
  return {
    columns: ['client', 'processes, store', ...outcomeColumns, 'ratio'],
    rows,
    note:
      `Milliseconds until the last is served; ${roundsOf(64)} rounds${isFull ? ` (${roundsOf(256)} with 256)` : ''} after ${warmUps} to warm up, the same processes in ` +
      'all of them; a token request takes 50 ms. Processes have started before, and connected to Redis.',
  };
}

async function contenderOnRedis(stage) {
  const port = await stage.startRedis();
  let last = 0;
  const share = () => ({ redis: { port, keyPrefix: `round-${++last}` } });
  return { id: 'fetch:tt-token-manager, Redis', share, against: onFile };
}

function rowOf({ size, state, contender, list, quotient }) {
  const { id, label = nameOf(id), against } = contender;
  const show = (value) => (against ? `${ratio(value)} of the file` : ratio(value));
  const { cells, short, oneRequest, noFailure } = outcomesOf(list);
  const row = { label, cells: [`${size}, ${state}`, ...cells, show(quotient)] };
  if (state === 'empty' && contender !== lockfile) {
    row.point = { curve: label, processes: size, ms: median(all(list, 'ms')) };
  }
  if (size === 64 && state === 'empty') row.short = `${short}, ${show(quotient)} with 64`;
  if (contender === floor) return { ...row, checks: [noFailure] };
  return {
    ...row,
    checks: isOurs(id)
      ? [oneRequest, noFailure, atMost(against ? mostOfFile : mostRatio[size], quotient, show)]
      : [],
    bar: {
      group: `${size} processes, ${state} store, against ${against ? 'the file' : 'each for itself'}`,
      ratio: quotient,
    },
  };
}
