import { setTimeout as sleep } from 'node:timers/promises';
import { isRedisInstalled } from '../../helpers/redis-installed.ts';
import { added, counts, fixed } from '../lib/format.ts';
import { atMost, exactly } from '../lib/report.ts';
import { all } from '../lib/rounds.mjs';
import { differences, median, quantile } from '../lib/statistics.ts';
import { callsOfARefresh } from '../lib/system-calls.mjs';

export const name = 'refresh';
export const title = 'What a refresh costs over its token request';

const others = 16;
const tokenLength = 1_200;
/** So long is the answer of the token endpoint held once the others ask. */
const heldMs = 200;
const latencyMs = 5;
const most = { fileMs: 4, ofHolder: 4, ofWaiter: 2 };
const traced = 20;

/** The short form takes 18 s, the full form 50 s. */
export async function run({ isFull, progress, stage }) {
  const roundsAlone = isFull ? 500 : 100;
  const roundsWaiting = isFull ? 50 : 10;
  const service = await stage.startService();
  const refreshers = await Promise.all(
    Array.from({ length: 1 + others }, () => stage.startRefresher()),
  );
  const stores = [{ label: 'tt-token-manager, file' }];
  if (isRedisInstalled) {
    stores.push({ label: 'tt-token-manager, Redis', port: await stage.startRedis() });
  } else progress('no redis-server, so no rows of Redis');

  let last = 0;
  /** Settings for a store that is empty. The token file is also where the disk is measured. */
  function newSettings({ port }) {
    const redis = port && { port, keyPrefix: `round-${++last}` };
    return { origin: service.origin, name: 'bench', tokenFile: stage.newTokenFile(), redis };
  }

  /** Token request, disk and refresh, one after the other, in the same process. */
  async function measureAlone(store) {
    const settings = newSettings(store);
    const [refresher] = refreshers;
    await service.call('reset', { tokenLatencyMs: latencyMs, tokenLength });
    await refresher.call('create', settings);
    await refresher.call('refreshMany', { count: 20 }); // to warm up
    const list = [];
    for (let round = 0; round < roundsAlone; round++) {
      const requestMs = await refresher.call('timeRequest', settings);
      const diskMs = await refresher.call('timeDisk', settings);
      await service.call('forgetTokenRequests');
      const before = await refresher.call('commands');
      const ms = await refresher.call('timeRefresh');
      const ofHolder = (await refresher.call('commands')) - before;
      const tokenRequests = await service.call('tokenRequests');
      list.push({ requestMs, diskMs, ms, ofHolder, ofWaiters: [], tokenRequests });
    }
    return list;
  }

  /** One finds an expired token. The others ask while its request is held, and wait. */
  async function measureWaiting(store) {
    const settings = newSettings(store);
    const [refresher, ...waiting] = refreshers;
    await service.call('reset', { tokenLatencyMs: 0, tokenLength });
    await refresher.call('leaveExpired', settings);
    await Promise.all(refreshers.map((each) => each.call('create', settings)));
    const diskMs = await refresher.call('timeDisk', settings);
    await service.call('forgetTokenRequests');
    await service.call('holdTokenRequests');
    const asked = [refresher.call('getToken')];
    await service.call('firstSender');
    asked.push(...waiting.map((each) => each.call('getToken')));
    await sleep(heldMs); // the others have found the lock by now
    await service.call('answerHeld');
    const [holder, ...waiters] = await Promise.all(asked);
    const lastMs = Math.max(...all(waiters, 'finishedAt')) - holder.finishedAt;
    const { ms, requestMs, commands: ofHolder } = holder;
    const ofWaiters = all(waiters, 'commands');
    const tokenRequests = await service.call('tokenRequests');
    return { diskMs, lastMs, ms, requestMs, ofHolder, ofWaiters, tokenRequests };
  }

  const rows = [];
  for (const store of stores) {
    progress(
      `${store.label}, ${roundsAlone} rounds alone, ${roundsWaiting} with ${others} waiting`,
    );
    rows.push(rowOf(store, 'alone', await measureAlone(store)));
    await measureWaiting(store); // to warm up
    const list = [];
    for (let round = 0; round < roundsWaiting; round++) list.push(await measureWaiting(store));
    rows.push(rowOf(store, `${others} waiting`, list));
  }

  progress('system calls');
  const settings = newSettings({});
  await service.call('reset', { tokenLatencyMs: 0, tokenLength });
  await refreshers[0].call('create', settings);
  const writtenBefore = await refreshers[0].call('writtenBytes');
  const refreshes = 2 * traced;
  await refreshers[0].call('refreshMany', { count: refreshes });
  const bytes = ((await refreshers[0].call('writtenBytes')) - writtenBefore) / refreshes;
  const { source, kinds } = await callsOfARefresh(refreshers[0], traced);
  // The threads' own waits and wakes are no work of the package's choice.
  const isOfThreads = ({ name: kind }) => /^(futex|epoll_|sched_|madvise|getpid)/.test(kind);
  const shown = kinds
    .filter((each) => !isOfThreads(each))
    .map(({ name: kind, calls }) => `${kind} ${fixed(calls)}`)
    .join(', ');
  return {
    columns: [
      ...['client', 'processes', 'over the token request, ms (p99)', "disk's own, ms (p99)"],
      ...[
        'over both, ms',
        'commands, holder',
        'a waiter',
        'last served, ms after',
        'token requests',
      ],
    ],
    rows,
    note:
      `Rounds: ${roundsAlone} alone, ${roundsWaiting} with ${others} waiting. Alone, a token request of the same process ` +
      `without the manager is measured in each round (it takes ${latencyMs} ms); with others, the refresh's own, ` +
      `which is held for ${heldMs} ms. The disk's own time: open, write, fsync, rename, fsync of the folder. Commands are ` +
      'those over the Redis client, a script as one, each with a round trip of its own. ' +
      'The holder reads before the lock, under it, and before it writes. One that waits reads and tries the lock, after ' +
      'pauses that grow from 12 to 250 ms. The refresher serves its callers after it has given the lock back. ' +
      `A refresh on a file, system calls (${source}, the network's too): ${shown}. Written to the disk: ` +
      `${fixed(bytes)} bytes, in whole blocks.`,
  };
}

function rowOf({ label, port }, processes, list) {
  const over = differences(all(list, 'ms'), all(list, 'requestMs'));
  const disk = all(list, 'diskMs');
  const overBoth = median(differences(over, disk));
  const ofHolder = all(list, 'ofHolder');
  const ofWaiters = list.flatMap((round) => round.ofWaiters);
  const isWaiting = ofWaiters.length > 0;
  const show = (values) => `${fixed(median(values))} (${counts(values)})`;
  const tokenRequests = all(list, 'tokenRequests');
  const bars = port
    ? [
        atMost(most.ofHolder, median(ofHolder), (count) => `${count} commands by the holder`),
        ...(isWaiting
          ? [atMost(most.ofWaiter, median(ofWaiters), (count) => `${count} a waiter`)]
          : []),
      ]
    : [atMost(most.fileMs, overBoth, (ms) => `${ms} ms`)];
  return {
    label,
    cells: [
      processes,
      `${added(median(over), 1)} (${fixed(quantile(over, 0.99), 1)})`,
      port ? '' : `${fixed(median(disk), 1)} (${fixed(quantile(disk, 0.99), 1)})`,
      port ? '' : added(overBoth, 1),
      port ? show(ofHolder) : '',
      port && isWaiting ? show(ofWaiters) : '',
      isWaiting ? fixed(median(all(list, 'lastMs'))) : '',
      counts(tokenRequests),
    ],
    checks: [exactly(1, 'token request', tokenRequests), ...bars],
    short: `${added(median(over), 1)} ms ${processes}`,
  };
}
