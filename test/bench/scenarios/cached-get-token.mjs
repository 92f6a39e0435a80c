import { isOurs, nameOf } from '../clients/index.mjs';
import { fixed, ratio, ratioSpread } from '../lib/format.ts';
import { atLeast } from '../lib/report.ts';
import { timeSlices } from '../lib/slices.mjs';
import { median, quotients } from '../lib/statistics.ts';

export const name = 'cached-get-token';
export const title = 'getToken with a token at hand, million calls a second';

const leastSpeed = 0.9;
const floor = 'fetch:async function that awaits a cached promise';
const promise = 'fetch:cached promise itself';
const google = 'gaxios:google-auth-library';
const clients = [
  floor,
  promise,
  'fetch:tt-token-manager, fetch',
  'fetch:hand-written fetch',
  google,
  'axios:axios-token-interceptor',
  'fetch:@badgateway/oauth2-client',
  'fetch:@azure/msal-node, fetch',
];

/** Those that the summary shows beside the package. */
const others = [floor, promise, google];

export async function run({ isFull, progress, stage }) {
  const counts = isFull ? { launches: 5, turns: 40 } : { launches: 1, turns: 16 };
  progress(`${clients.length} clients`);
  const service = await stage.startService();
  const times = await timeSlices({ stage, service, clients, time: 'timeGetToken', ...counts });

  const rows = clients.map((id) => {
    const ns = median(times.get(id));
    const millions = fixed(1_000 / ns, 1);
    const speeds = quotients(times.get(floor), times.get(id));
    return {
      label: nameOf(id),
      cells: [fixed(ns), millions, id === floor ? '1' : ratioSpread(speeds)],
      checks: isOurs(id) ? [atLeast(leastSpeed, median(speeds), ratio)] : [],
      bar: {
        group: `time of getToken, against an ${nameOf(floor)}`,
        ratio: median(quotients(times.get(id), times.get(floor))),
      },
      short: isOurs(id) || others.includes(id) ? millions : undefined,
    };
  });
  return {
    columns: ['call', 'ns', 'million a second', 'speed (p25-p75)'],
    rows,
    note: `Slices of 20 ms, ${counts.launches} x ${counts.turns} of each client, each in a process of its own.`,
  };
}
