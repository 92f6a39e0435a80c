import { families, familyOf, isOurs, nameOf } from '../clients/index.mjs';
import { allocationFlags } from '../lib/allocation.mjs';
import { added, fixed, ratio, ratioSpread } from '../lib/format.ts';
import { atMost } from '../lib/report.ts';
import { timeSlices } from '../lib/slices.mjs';
import { differences, median, quotients } from '../lib/statistics.ts';

export const name = 'cached-overhead';
export const title = 'Request with a token at hand, against the bare client';

/** Against the same duties by hand. No fault in CI: the quarters of these ratios lie a factor of five apart there. */
const mostOfHand = 1.1;
/** Those that the summary shows beside the package. */
const others = [
  'axios-token-interceptor',
  'ky README hooks',
  'hand-written fetch',
  '@badgateway/oauth2-client',
];

export async function run({ isFull, progress, stage }) {
  const counts = isFull ? { launches: 5, turns: 40 } : { launches: 1, turns: 12 };
  const service = await stage.startService();

  async function bytesOf(id) {
    const worker = await stage.startCached(id, service, { execArgv: allocationFlags });
    const bytes = await worker.call('allocatedBytes');
    await worker.kill();
    return bytes;
  }

  const rows = [];
  for (const clients of families) {
    progress(familyOf(clients[0]));
    const times = await timeSlices({ stage, service, clients, time: 'timeRequests', ...counts });
    const bytes = await Promise.all(clients.map(bytesOf));
    const [bareNs] = times.values();
    const handNs = times.get(clients.find(isByHand));
    for (const [index, id] of clients.entries()) {
      const ns = times.get(id);
      const ofHand = handNs && isOurs(id) ? quotients(ns, handNs) : undefined;
      rows.push(rowOf(id, ns, bareNs, bytes[index], bytes[0], ofHand));
    }
  }
  return {
    columns: ['client', 'ns', 'added ns', 'ratio (p25-p75)', 'of by hand', 'bytes', 'added bytes'],
    rows,
    note:
      `Answers come from memory. Slices of 20 ms, ${counts.launches} x ${counts.turns} of each client, in ` +
      'which a bare client and all that is built on it alternate, each in a process of its own. Bytes: ' +
      'growth of the JavaScript heap.',
  };
}

function isByHand(id) {
  return nameOf(id).startsWith('the same by hand');
}

function rowOf(id, ns, bareNs, bytes, bareBytes, ofHand) {
  const label = nameOf(id);
  if (ns === bareNs) return { label, cells: [fixed(median(ns)), '', '1', '', fixed(bytes), ''] };
  const ratios = quotients(ns, bareNs);
  const addedNs = median(differences(ns, bareNs));
  const addedBytes = bytes - bareBytes;
  return {
    label,
    cells: [
      fixed(median(ns)),
      added(addedNs),
      ratioSpread(ratios),
      ofHand ? ratioSpread(ofHand) : '',
      fixed(bytes),
      added(addedBytes),
    ],
    checks: isOurs(id)
      ? [atMost(mostOfHand, median(ofHand), (value) => `${ratio(value)} of by hand`)]
      : [],
    bar: {
      group: `${familyOf(id)}: request with a token at hand, against the bare client`,
      ratio: median(ratios),
    },
    short: isOurs(id) || isByHand(id) || others.includes(label) ? ratio(median(ratios)) : undefined,
  };
}
