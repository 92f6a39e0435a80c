import { fixed, ratio } from '../lib/format.ts';
import { atMost, exactly, ratioAtMost } from '../lib/report.ts';
import { all } from '../lib/rounds.mjs';
import { median, quotients } from '../lib/statistics.ts';

export const name = 'thousand-refreshes';
export const title = 'A thousand refreshes in one process';

const refreshes = 1_000;
/** Until then, Node compiles, and the package's memory of the last tokens fills. */
const warmUp = 1_500;
const share = 100;
const tokenLength = 1_200;
const mostRatio = 1.05;
/** Kept tokens would be more than twice that, and a kept handle a refresh a thousand. */
const mostKib = 512;

/** Both forms: 20 s; on a busy machine 35 s. */
export async function run({ progress, stage }) {
  const service = await stage.startService();
  const refresher = await stage.startRefresher();
  const settings = { origin: service.origin, name: 'bench', tokenFile: stage.newTokenFile() };
  await service.call('reset', { tokenLatencyMs: 0, tokenLength });
  await refresher.call('create', settings);
  progress(`${warmUp} refreshes to warm up`);
  // In parts: no call may take longer than a minute.
  for (let done = 0; done < warmUp; done += 500)
    await refresher.call('refreshMany', { count: 500 });
  const before = await refresher.call('holdings');
  await service.call('forgetTokenRequests');
  progress(`${refreshes} refreshes`);
  const compare = () => refresher.call('compareMany', { ...settings, count: share });
  const first = await compare();
  for (let done = 2 * share; done < refreshes; done += share)
    await refresher.call('refreshMany', { count: share });
  const last = await compare();
  const after = await refresher.call('holdings');

  const [costThen, costNow] = [first, last].map(costOf);
  const grown = costNow / costThen;
  // Those by hand are not the package's.
  const tokenRequests = (await service.call('tokenRequests')) - 2 * share;
  const kib = (after.heap - before.heap) / 1_024;
  return {
    columns: [
      ...['client', 'first hundred, ms', 'last hundred, ms', 'ratio', 'heap, KiB more'],
      ...['handles before', 'after', 'token requests'],
    ],
    rows: [
      {
        label: 'tt-token-manager, file',
        cells: [
          ...[shown(first), shown(last), ratio(grown), fixed(kib)],
          ...[fixed(before.handles), fixed(after.handles)],
          fixed(tokenRequests),
        ],
        checks: [
          exactly(refreshes, 'token requests', [tokenRequests]),
          exactly(0, 'more handles', [Math.max(0, after.handles - before.handles)]),
          ratioAtMost(mostRatio, grown),
          atMost(mostKib, kib, (most) => `${most} KiB`),
        ],
        short: `the last hundred cost ${ratio(grown)} of the first hundred`,
      },
    ],
    note:
      `Forced refreshes, one after the other, tokens of ${fixed(tokenLength)} characters, after ${warmUp} to warm up. ` +
      'Milliseconds are medians of a hundred, and how many times as much that is as a token request and a file replaced ' +
      'by hand right before each; the ratio is that of the last hundred to that of the first. Heap and handles after a collection.',
  };
}

/** How many times as much a refresh takes as the same by hand, whatever else the machine does. */
function costOf(pairs) {
  return median(quotients(all(pairs, 'refreshMs'), all(pairs, 'byHandMs')));
}

function shown(pairs) {
  return `${fixed(median(all(pairs, 'refreshMs')), 1)} (${ratio(costOf(pairs))})`;
}
