import { setTimeout as sleep } from 'node:timers/promises';
import { isRedisInstalled } from '../../helpers/redis-installed.ts';
import { fixed } from '../lib/format.ts';
import { atMost, exactly } from '../lib/report.ts';
import { all } from '../lib/rounds.mjs';
import { sum } from '../lib/statistics.ts';

export const name = 'managers-on-redis';
export const title = '1,000 managers of one app key on one Redis, one of which refreshes';

const windowMs = 2_000;
/** Commands of each that waits. */
const mostASecond = 8;
/** Those that wait are in so many processes. */
const processes = 3;
const inEach = 333;
const waiters = processes * inEach;
/** The Redis clients of each process: one for all its managers, or one for each. */
const clientsInEach = [1, inEach];

/** Both forms: 10 s. */
export async function run({ progress, stage }) {
  if (!isRedisInstalled) {
    progress('no redis-server, so no rows');
    return { columns: ['client'], rows: [], note: 'There was no redis-server.' };
  }
  const service = await stage.startService();
  const rows = [];
  for (const clients of clientsInEach) {
    progress(`${waiters} wait through ${processes * clients} clients`);
    rows.push(rowOf(clients, await measure(stage, service, clients)));
  }
  return {
    columns: [
      ...['client', 'Redis clients', 'token requests', 'failed', 'connections', 'while 999 wait'],
      ...['commands each to begin', 'each a second', 'each to end', 'Redis CPU, ms a second'],
      'ms to serve all',
    ],
    rows,
    note:
      `The one has a process of its own, the others are in ${processes} processes. The token request is held until ` +
      'all others wait, and for 2 s more. Commands: what each of those that wait sends over its client, a script as ' +
      'one. To begin: until all have tried the lock. To end: from the answer of the token endpoint on.',
  };
}

async function measure(stage, service, clients) {
  const redis = await stage.startRedisServer();
  const [holder, ...others] = await Promise.all(
    Array.from({ length: 1 + processes }, () => stage.startManagers()),
  );
  const settings = { origin: service.origin, redis: { port: redis.port, keyPrefix: 'bench' } };
  const callOthers = (command, details) =>
    Promise.all(others.map((child) => child.call(command, details)));
  await holder.call('createOnRedis', { ...settings, name: 'holder', count: 1, clients: 1 });
  await callOthers('createOnRedis', { ...settings, name: 'other', count: inEach, clients });

  async function look() {
    const counts = await callOthers('sent');
    const text = String(await redis.command('info', 'everything'));
    const field = (key) => Number(new RegExp(`^${key}:([\\d.]+)`, 'm').exec(text)?.[1]);
    return {
      evals: sum(all(counts, 'eval')),
      sent: sum(counts.flatMap((each) => Object.values(each))),
      // Without the one that asks.
      connections: field('connected_clients') - 1,
      cpuMs: (field('used_cpu_user') + field('used_cpu_sys')) * 1_000,
      at: performance.now(),
    };
  }

  const before = await look();
  await service.call('reset');
  await service.call('holdTokenRequests');
  const asked = [holder.call('getTokens')];
  await service.call('firstSender');
  asked.push(...others.map((child) => child.call('getTokens')));
  const begun = await untilAllWait(look);
  await sleep(windowMs);
  const waited = await look();
  const answeredAt = Date.now();
  await service.call('answerHeld');
  const served = await Promise.all(asked);
  const after = await look();
  const seconds = (waited.at - begun.at) / 1_000;
  await Promise.all([holder, ...others].map((child) => child.kill()));
  await redis.stop();
  return {
    connections: before.connections,
    connectionsMeanwhile: waited.connections,
    toBegin: begun.sent / waiters,
    aSecond: (waited.sent - begun.sent) / waiters / seconds,
    toEnd: (after.sent - waited.sent) / waiters,
    cpuMsASecond: (waited.cpuMs - begun.cpuMs) / seconds,
    ms: Math.max(...all(served, 'finishedAt')) - answeredAt,
    failures: sum(all(served, 'failures')),
    tokenRequests: await service.call('tokenRequests'),
  };
}

/** All have tried the lock, and no further connection was opened since the last look. */
async function untilAllWait(look) {
  let last = await look();
  for (;;) {
    await sleep(200);
    const next = await look();
    if (next.evals >= waiters && next.connections === last.connections) return next;
    last = next;
  }
}

function rowOf(clientsOfEach, result) {
  const clients = processes * clientsOfEach;
  const { connections, connectionsMeanwhile, tokenRequests, failures } = result;
  const counts = [1 + clients, tokenRequests, failures, connections, connectionsMeanwhile];
  const commands = [result.toBegin, result.aSecond, result.toEnd];
  return {
    label: 'tt-token-manager, Redis',
    cells: [
      ...counts.map((count) => fixed(count)),
      ...commands.map((count) => fixed(count, 1)),
      ...[fixed(result.cpuMsASecond), fixed(result.ms)],
    ],
    checks: [
      exactly(1, 'token request', [tokenRequests]),
      exactly(0, 'failed', [failures]),
      exactly(1 + clients, 'connections', [connectionsMeanwhile]),
      atMost(mostASecond, result.aSecond, (each) => `${fixed(each, 1)} commands a second`),
    ],
    short: `${fixed(connectionsMeanwhile)} connections of ${fixed(1 + clients)} clients while 999 wait`,
  };
}
