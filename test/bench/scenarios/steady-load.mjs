import { isOurs, nameOf } from '../clients/index.mjs';
import { fixed, ratio } from '../lib/format.ts';
import { exactly, ratioAtMost } from '../lib/report.ts';
import { all } from '../lib/rounds.mjs';
import { median, quantile, quotients } from '../lib/statistics.ts';

export const name = 'steady-load';
export const title = '200 requests a second across many refreshes, p99 against none';

const perSecond = 200;
const windowMs = 2_000;
const lifetimeSeconds = 2;
const bufferMs = 1_000;
const mostOfFloor = 1.1;
const handWritten = 'fetch:hand-written fetch';
const google = 'gaxios:google-auth-library';
const clients = ['axios:tt-token-manager, axios', 'fetch:tt-token-manager, fetch', handWritten];
const furtherClients = [
  'ky:tt-token-manager, ky',
  'axios:axios-token-interceptor',
  'fetch:@badgateway/oauth2-client',
  google,
];
/** Those that the summary shows beside the package. */
const others = [handWritten, google];

export async function run({ isFull, progress, stage }) {
  const durationMs = isFull ? 30_000 : 6_000;

  async function startSide(id, lifetime) {
    const [service, worker] = await Promise.all([stage.startService(), stage.startWorker()]);
    const settings = { id, origin: service.origin, api: 'http', name: 'bench', bufferMs };
    await service.call('reset', { tokenLatencyMs: 200, lifetimeSeconds: lifetime });
    await worker.call('create', { ...settings, tokenFile: stage.newTokenFile() });
    for (let round = 0; round < 10; round++) {
      await worker.call('requestTogether', { count: 50, path: '/markets' }); // to warm up
    }
    await service.call('forgetTokenRequests');
    return { service, worker };
  }

  /** The same client twice at the same time, with tokens that expire and with one that does not. */
  async function measure(id) {
    const sides = await Promise.all([startSide(id, lifetimeSeconds), startSide(id, 86_400)]);
    const load = { path: '/markets', perSecond, durationMs, startAt: Date.now() + 100 };
    const [expiring, lasting] = await Promise.all(
      sides.map(({ worker }) => worker.call('requestSteadily', load)),
    );
    const tokenRequests = await sides[0].service.call('tokenRequests');
    await Promise.all(sides.flatMap(({ worker, service }) => [worker.kill(), service.kill()]));
    const p99s = [expiring, lasting].map((records) => p99OfWindows(records, durationMs));
    return { id, expiring, lasting, tokenRequests, ofFloor: median(quotients(...p99s)) };
  }

  // One after the other, or all at once to save time.
  const groups = isFull ? [...clients, ...furtherClients].map((id) => [id]) : [clients];
  const results = [];
  for (const group of groups) {
    progress(group.map(nameOf).join('; '));
    results.push(...(await Promise.all(group.map(measure))));
  }

  const rows = results.flatMap(({ id, expiring, lasting, tokenRequests, ofFloor }) => {
    const label = nameOf(id);
    const noFailure = (records) => exactly(0, 'failed', [failed(records)]);
    return [
      {
        label,
        cells: ['does not expire', ...latencies(lasting), '0', '1'],
        checks: isOurs(id) ? [noFailure(lasting)] : [],
      },
      {
        label,
        cells: ['lives 2 s', ...latencies(expiring), fixed(tokenRequests), ratio(ofFloor)],
        checks: isOurs(id) ? [ratioAtMost(mostOfFloor, ofFloor), noFailure(expiring)] : [],
        bar: { group: 'p99 latency across refreshes, against none', ratio: ofFloor },
        short: isOurs(id) || others.includes(id) ? ratio(ofFloor) : undefined,
      },
    ];
  });
  return {
    columns: ['client', 'token', 'p50 ms', 'p99 ms', 'max ms', 'failed', 'refreshes', 'p99 ratio'],
    rows,
    note:
      `${durationMs / 1_000} s, both loads of a client at the same time, each with a service of its own; a token ` +
      'request takes 200 ms, an answer of the API 5 ms. The ratio is the median of windows of 2 s.',
  };
}

function failed(records) {
  return records.filter(({ failure }) => failure !== undefined).length;
}

function latencies(records) {
  const ms = all(records, 'tookMs');
  const values = [quantile(ms, 0.5), quantile(ms, 0.99), Math.max(...ms)];
  return [...values.map((value) => fixed(value, 1)), fixed(failed(records))];
}

function p99OfWindows(records, durationMs) {
  return Array.from({ length: durationMs / windowMs }, (_, index) => {
    const within = records.filter(({ sentMs }) => Math.floor(sentMs / windowMs) === index);
    return quantile(all(within, 'tookMs'), 0.99);
  });
}
