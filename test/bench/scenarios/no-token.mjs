import { families, familyOf, isOurs, nameOf } from '../clients/index.mjs';
import { requestToken } from '../clients/shared.mjs';
import { ratio } from '../lib/format.ts';
import { ratioAtMost } from '../lib/report.ts';
import { outcomeColumns, outcomesOf } from '../lib/outcomes.mjs';
import { all, takeTurns } from '../lib/rounds.mjs';
import { median, quotients } from '../lib/statistics.ts';

export const name = 'no-token';
export const title = '1,000 concurrent requests, no token at hand';

const callers = 1_000;
const mostOfFloor = 1.1;
/** Those that the summary shows beside the package. */
const others = ['axios-auth-refresh', 'ky README hooks', '@badgateway/oauth2-client'];

export async function run({ isFull, progress, stage }) {
  const rounds = isFull ? 10 : 2;
  const service = await stage.startService();
  const settings = { origin: service.origin, api: 'http', name: 'bench' };

  async function measure(worker, id) {
    await service.call('reset');
    await worker.call('create', { id, ...settings, tokenFile: stage.newTokenFile() });
    const path = isBare(id) ? '/open' : '/markets';
    const result = await worker.call('requestTogether', { count: callers, path });
    const tokenRequests = await service.call('tokenRequests');
    return { ...result, tokenRequests, tokenCallMs: await tokenCallMs() };
  }

  async function tokenCallMs() {
    const startedAt = performance.now();
    await requestToken(settings);
    return performance.now() - startedAt;
  }

  const rows = [];
  for (const clients of families) {
    progress(familyOf(clients[0]));
    const started = await stage.startWorkers(clients.length);
    const measureClient = (id) => measure(started[clients.indexOf(id)], id);
    await takeTurns(clients, 1, measureClient); // to warm up
    const results = await takeTurns(clients, rounds, measureClient);
    for (const worker of started) await worker.kill();

    const floors = results.get(clients[0]).map(({ ms, tokenCallMs }) => ms + tokenCallMs);
    for (const [id, list] of results) {
      rows.push(rowOf(id, list, median(quotients(all(list, 'ms'), floors))));
    }
  }
  return {
    columns: ['client', ...outcomeColumns, 'ratio'],
    rows,
    note:
      'The ratio is that to the bare client and one token call, one after the other, in the same round; ' +
      `${rounds} rounds after one to warm up; a token request takes 50 ms, an answer of the API 5 ms.`,
  };
}

function isBare(id) {
  return nameOf(id).startsWith('bare ');
}

function rowOf(id, list, ofFloor) {
  const label = nameOf(id);
  const { cells, short, oneRequest, noFailure } = outcomesOf(list);
  if (isBare(id)) return { label, cells: [...cells, ''], checks: [noFailure] };
  return {
    label,
    cells: [...cells, ratio(ofFloor)],
    checks: isOurs(id) ? [oneRequest, noFailure, ratioAtMost(mostOfFloor, ofFloor)] : [],
    bar: {
      group: '1,000 requests without a token, against bare ones and a token call',
      ratio: ofFloor,
    },
    short: isOurs(id) || others.includes(label) ? short : undefined,
  };
}
