import { families, familyOf, isOurs, nameOf } from '../clients/index.mjs';
import { allocationFlags } from '../lib/allocation.mjs';
import { added, fixed, ratio, ratioSpread } from '../lib/format.ts';
import { atMost } from '../lib/report.ts';
import { timeSlices } from '../lib/slices.mjs';
import { differences, median, quotients } from '../lib/statistics.ts';

export const name = 'cached-overhead';
export const title = 'Request with a token at hand, against the bare client';

const bars = {
  axios: { ratio: 1.12, bytes: 4_096 },
  ky: { ratio: 1.15 },
  fetch: { ratio: 1.25, ns: 1_200 },
};
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
    const worker = await stage.startCached(id, service, allocationFlags);
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
    for (const [index, id] of clients.entries()) {
      const ns = times.get(id);
      rows.push(rowOf(id, ns, bareNs, bytes[index], bytes[0]));
    }
  }
  return {
    columns: ['client', 'ns', 'added ns', 'ratio (p25-p75)', 'bytes', 'added bytes'],
    rows,
    note:
      `Answers come from memory. Slices of 20 ms, ${counts.launches} x ${counts.turns} of each client, in ` +
      'which a bare client and all that is built on it alternate, each in a process of its own. Bytes: ' +
      'growth of the JavaScript heap.',
  };
}

function rowOf(id, ns, bareNs, bytes, bareBytes) {
  const label = nameOf(id);
  if (ns === bareNs) return { label, cells: [fixed(median(ns)), '', '1', fixed(bytes), ''] };
  const ratios = quotients(ns, bareNs);
  const addedNs = median(differences(ns, bareNs));
  const addedBytes = bytes - bareBytes;
  return {
    label,
    cells: [
      fixed(median(ns)),
      added(addedNs),
      ratioSpread(ratios),
      fixed(bytes),
      added(addedBytes),
    ],
    checks: isOurs(id) ? checksOf(bars[familyOf(id)], median(ratios), addedNs, addedBytes) : [],
    bar: {
      group: `${familyOf(id)}: request with a token at hand, against the bare client`,
      ratio: median(ratios),
    },
    short: isOurs(id) || others.includes(label) ? ratio(median(ratios)) : undefined,
  };
}

function checksOf(wanted, ofBare, addedNs, addedBytes) {
  const checks = [atMost(wanted.ratio, ofBare, ratio)];
  if (wanted.ns) checks.push(atMost(wanted.ns, addedNs, (ns) => `${added(ns)} ns`));
  if (wanted.bytes) {
    checks.push(atMost(wanted.bytes, addedBytes, (bytes) => `${added(bytes)} bytes`));
  }
  return checks;
}
