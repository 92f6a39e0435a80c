import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { readFile } from 'node:fs/promises';
import { isRedisInstalled } from '../../helpers/redis-installed.ts';
import { fixed } from '../lib/format.ts';
import { atMost } from '../lib/report.ts';
import { outcomesOf } from '../lib/outcomes.mjs';
import { all } from '../lib/rounds.mjs';
import { median, sum } from '../lib/statistics.ts';

export const name = 'waiting';
export const title = 'CPU time of waiting for the token of another process';

const waiting = 16;
const mostMsASecond = 2;
const ourOnFile = 'fetch:tt-token-manager, fetch';
const instancesLimit = '/proc/sys/fs/inotify/max_user_instances';

/** Short: 8 s. */
export async function run({ isFull, progress, stage }) {
  // Less than the token request may take: 10 s.
  const seconds = isFull ? 8 : 2;
  const service = await stage.startService();

  /** In new processes: one that has watched before keeps its inotify instance. */
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
  progress('file, and no inotify instance is left');
  const giveBack = await takeAllInstances();
  if (giveBack) {
    try {
      rows.push(rowOf('tt-token-manager, file that cannot be watched', await measure(file())));
    } finally {
      await giveBack();
    }
  }
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
      'is served. A user has 128 inotify instances by default, one a process that watches; without one, a process ' +
      'looks at the file every 100 to 250 ms, as those that watch do besides. A look is two calls of the system in the ' +
      'thread pool of Node and a look at the holder, about 1 ms of CPU time in a process that does nothing else; the ' +
      'store is read once a second. Over Redis a look is two commands.',
  };
}

/** Uses up the inotify instances of this user; undefined where there are none, or too many. */
async function takeAllInstances() {
  const limit = Number(await readFile(instancesLimit, 'utf8').catch(() => NaN));
  if (!(limit <= 1_024)) return undefined;
  const code = `
    const { parentPort, workerData } = require('node:worker_threads');
    let watched = false;
    try { require('node:fs').watch(workerData); watched = true; } catch {}
    parentPort.postMessage(watched);
    parentPort.on('message', () => process.exit());`;
  const threads = [];
  let isLeft = true;
  while (isLeft && threads.length < limit) {
    const batch = Array.from(
      { length: 8 },
      () => new Worker(code, { eval: true, workerData: '/proc' }),
    );
    threads.push(...batch);
    const watched = await Promise.all(
      batch.map((thread) => new Promise((resolve) => thread.once('message', resolve))),
    );
    isLeft = watched.every(Boolean);
  }
  return () => Promise.all(threads.map((thread) => thread.terminate()));
}

function rowOf(label, result) {
  const { cells, oneRequest, noFailure } = outcomesOf([result]);
  const { cpuMs } = result;
  const cpu = `${fixed(median(cpuMs), 1)} (${fixed(Math.max(...cpuMs), 1)})`;
  return {
    label,
    cells: [cpu, ...cells],
    checks: [
      oneRequest,
      noFailure,
      atMost(mostMsASecond, median(cpuMs), (ms) => `${fixed(ms)} ms a second`),
    ],
    short: `${fixed(median(cpuMs), 1)} ms a second`,
  };
}
