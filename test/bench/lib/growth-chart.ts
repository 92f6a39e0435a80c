import { escape, style } from './chart.ts';
import { fixed } from './format.ts';
import type { Row } from './report.ts';

const width = 760;
const height = 320;
const area = { left: 60, right: 560, top: 30, bottom: 260 };

type Point = NonNullable<Row['point']>;

/** An SVG with a curve for each way to get a token: milliseconds by number of processes, both scales logarithmic. */
export function drawGrowth(rows: readonly Row[], caption: string): string {
  const points = rows.flatMap(({ point }) => point ?? []);
  const processes = [...new Set(points.map((point) => point.processes))].sort((a, b) => a - b);
  const all = points.map(({ ms }) => ms);
  const powers = [1, 10, 100, 1_000, 10_000, 100_000];
  const lowest = powers.findLast((power) => power <= Math.min(...all)) ?? 1;
  const highest = powers.find((power) => power >= Math.max(...all)) ?? Math.max(...all);
  const x = scale([processes[0] ?? 1, processes.at(-1) ?? 1], [area.left, area.right]);
  const y = scale([lowest, highest], [area.bottom, area.top]);
  const text = (left: number, top: number, content: string, attributes = '') =>
    `<text x="${left}" y="${top}" ${attributes}>${escape(content)}</text>`;

  const shapes = [
    text(0, 14, 'Milliseconds until the last of so many processes has a token', 'class="head"'),
    ...processes.map((count) =>
      text(x(count), area.bottom + 18, fixed(count), 'text-anchor="middle"'),
    ),
    ...powers
      .filter((power) => power >= lowest && power <= highest)
      .flatMap((power) => [
        text(area.left - 8, y(power) + 4, fixed(power), 'text-anchor="end"'),
        `<line class="one" x1="${area.left}" y1="${y(power)}" x2="${area.right}" y2="${y(power)}"/>`,
      ]),
    ...[...new Set(points.map(({ curve }) => curve))].flatMap((curve) => {
      const own = points.filter((point) => point.curve === curve);
      const places = own.map((point) => `${x(point.processes)},${y(point.ms)}`).join(' ');
      const last = own.at(-1) as Point;
      return [
        `<polyline class="${kindOf(curve)}" points="${places}"/>`,
        text(x(last.processes) + 8, y(last.ms) + 4, `${curve}: ${fixed(last.ms)} ms`),
      ];
    }),
    text(0, height - 12, caption, 'class="small"'),
  ];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    '<title>Time until the last process has a token, by number of processes</title>',
    `<style>${style}\n</style>`,
    ...shapes,
    '</svg>\n',
  ].join('\n');
}

/** A logarithmic scale, in whole pixels. */
function scale(
  [least, most]: readonly [number, number],
  [from, to]: readonly [number, number],
): (value: number) => number {
  const share = (value: number): number =>
    most === least ? 0 : Math.log(value / least) / Math.log(most / least);
  return (value) => Math.round(from + share(value) * (to - from));
}

function kindOf(curve: string): string {
  if (curve.endsWith('Redis')) return 'redis';
  return curve.endsWith('file') ? 'file' : 'floor';
}
