import { families, familyOf, isOurs, nameOf } from '../clients/index.mjs';
import { added, fixed } from '../lib/format.ts';
import { ratioAtMost } from '../lib/report.ts';
import { timeSlices } from '../lib/slices.mjs';
import { differences, median, quantile, quotients } from '../lib/statistics.ts';

export const name = 'loopback';
export const title = 'Request over a real connection on loopback, against the bare client';

const mostOfBare = 1.01;
/** The bare client, the package and the same duties by hand come first in these. */
const contenders = families.slice(0, 3).map((clients) => clients.slice(0, 3));
/** How many requests are under way at a time. */
const loads = [1, 16];

/** Short: 35 s on a busy machine. Full: 3 launches of 80 turns. */
export async function run({ isFull, progress, stage }) {
  const counts = isFull ? { launches: 3, turns: 80 } : { launches: 1, turns: 30 };
  const service = await stage.startService();
  await service.call('reset', { apiLatencyMs: 0 });

  const rows = [];
  for (const clients of contenders) {
    for (const together of loads) {
      progress(`${familyOf(clients[0])}, ${together} at a time`);
      const times = await timeSlices({
        ...{ stage, service, clients, ...counts, api: 'http', warmUp: 1_000 },
        ...{ time: 'timeRequests', details: { path: '/open', together } },
      });
      const [bareNs, , handNs] = times.values();
      for (const [id, ns] of times) rows.push(rowOf(id, together, ns, bareNs, handNs));
    }
  }
  return {
    columns: ['client', 'at a time', 'µs', 'added µs', 'ratio (p25-p75)', 'of by hand'],
    rows,
    note:
      'The service answers at once, on connections that are kept; it reads the same path for all, and checks no ' +
      'token. The bare client sends no token, app key and request ID, which are about 740 bytes more, so it does less work. ' +
      `Slices of 20 ms, ${counts.launches} x ${counts.turns} of each client, which alternate.`,
  };
}

function rowOf(id, together, ns, bareNs, handNs) {
  const label = nameOf(id);
  const us = fixed(median(ns) / 1_000, 1);
  if (ns === bareNs) return { label, cells: [String(together), us, '', '1', ''] };
  const ratios = quotients(ns, bareNs);
  const ofBare = median(ratios);
  const isMeasured = isOurs(id) && together === 1;
  return {
    label,
    cells: [
      ...[String(together), us, added(median(differences(ns, bareNs)) / 1_000, 1)],
      `${show(ofBare)} (${fixed(quantile(ratios, 0.25), 2)}-${fixed(quantile(ratios, 0.75), 2)})`,
      isOurs(id) ? show(median(quotients(ns, handNs))) : '',
    ],
    checks: isMeasured ? [ratioAtMost(mostOfBare, ofBare, show)] : [],
    short: together === 1 ? show(ofBare) : undefined,
  };
}

/** The bar is finer than two digits show. */
function show(value) {
  return `${fixed(value, 3)}x`;
}
