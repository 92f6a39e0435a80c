import { setTimeout as sleep } from 'node:timers/promises';
import { isRedisInstalled } from '../../helpers/redis-installed.ts';
import { fixed } from '../lib/format.ts';
import { outcomesOf } from '../lib/outcomes.mjs';
import { all } from '../lib/rounds.mjs';
import { median, sum } from '../lib/statistics.ts';

export const name = 'waiting';
export const title = 'CPU time of waiting for the token of another process';

const waiting = 16;
const ourOnFile = 'fetch:tt-token-manager, fetch';

/** Short: 8 s. */
export async function run({ isFull, progress, stage }) {
  // Less than the token request may take: 10 s.
  const seconds = isFull ? 8 : 2;
  const service = await stage.startService();

  /** In new processes, which no refresh before has warmed up. */
  async function measure(settings) {
    const workers = await stage.startWorkers(waiting + 1);
    const details = { origin: service.origin, api: 'http', ...settings };
    await service.call('reset');
    await Promise.all(
      workers.map((worker, index) => worker.call('create', { ...details, name: `w${index}` })),
    );
    await service.call('holdTokenRequests');
    const asked = workers.map((worker) => worker.call('getTokenTogether', { count: 1 }));
    const holder = Number((await service.call('firstSender')).slice(1));
    await sleep(500); // the others have found the lock, and begun to wait
    const others = workers.toSpliced(holder, 1);
    const before = await Promise.all(others.map((worker) => worker.call('cpuMs')));
    await sleep(seconds * 1_000);
    const after = await Promise.all(others.map((worker) => worker.call('cpuMs')));
    const answeredAt = Date.now();
    await service.call('answerHeld');
    const served = await Promise.all(asked);
    await Promise.all(workers.map((worker) => worker.kill()));
    return {
      cpuMs: after.map((ms, index) => (ms - before[index]) / seconds),
      ms: Math.max(...all(served, 'finishedAt')) - answeredAt,
      failures: sum(all(served, 'failures')),
      tokenRequests: await service.call('tokenRequests'),
    };
  }

  const file = () => ({ id: ourOnFile, tokenFile: stage.newTokenFile() });
  progress('file');
  const rows = [rowOf('tt-token-manager, file', await measure(file()))];
  if (isRedisInstalled) {
    progress('Redis');
    const redis = { port: await stage.startRedis(), keyPrefix: 'waiting' };
    const settings = { id: 'fetch:tt-token-manager, Redis', redis };
    rows.push(rowOf('tt-token-manager, Redis', await measure(settings)));
  }
  return {
    columns: ['store', 'CPU ms a second (most)', 'token requests', 'failed', 'ms'],
    rows,
    note:
      `${waiting} processes wait for ${seconds} s for a token request that is held; then milliseconds until the last ` +
      'is served. Who waits looks after pauses that grow from 12 to 250 ms. ' +
      'Over Redis a look is two commands.',
  };
}

function rowOf(label, result) {
  const { cells, oneRequest, noFailure } = outcomesOf([result]);
  const { cpuMs } = result;
  const cpu = `${fixed(median(cpuMs), 1)} (${fixed(Math.max(...cpuMs), 1)})`;
  return {
    label,
    cells: [cpu, ...cells],
    checks: [oneRequest, noFailure],
    short: `${fixed(median(cpuMs), 1)} ms a second`,
  };
}
