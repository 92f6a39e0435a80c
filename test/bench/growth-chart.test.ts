import { expect, it } from 'vitest';
import { drawGrowth } from './lib/growth-chart.ts';

const point = (curve: string, processes: number, ms: number) => ({
  label: curve,
  cells: [],
  point: { curve, processes, ms },
});
const chart = drawGrowth(
  [
    point('each for itself', 4, 50),
    point('tt-token-manager, file', 4, 100),
    { label: 'a peer', cells: [] },
    point('each for itself', 256, 500),
    point('tt-token-manager, file', 256, 1_000),
  ],
  'Node v24',
);

it('draws a curve for each that has points, from the fewest processes to the most', () => {
  const curves = [...chart.matchAll(/<polyline class="(\w+)" points="([^"]+)"/g)];
  expect(curves.map(([, kind]) => kind)).toEqual(['floor', 'file']);
  const [from, to] = (curves[1]?.[2] ?? '').split(' ').map((place) => place.split(','));
  expect([from?.[0], to?.[0]]).toEqual(['60', '560']);
  // Ten times the time is as far up whatever the time.
  expect(Number(from?.[1]) - Number(to?.[1])).toBe(115);
});

it('names each curve with its last value, and ends with its caption', () => {
  expect(chart).toContain('>tt-token-manager, file: 1,000 ms</text>');
  expect(chart).toMatch(/^<svg [^]*>Node v24<\/text>\n<\/svg>\n$/);
});
