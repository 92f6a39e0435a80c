import { expect, it } from 'vitest';
import { drawRatios } from './lib/chart.ts';

const chart = drawRatios(
  [
    { label: 'bare axios', cells: [] },
    { label: 'tt-token-manager, axios', cells: [], bar: { group: 'axios', ratio: 1 } },
    { label: 'a < b & c', cells: [], bar: { group: 'axios', ratio: 2 } },
    { label: 'slow', cells: [], bar: { group: 'p99', ratio: 20 } },
  ],
  'Node v24',
);
const bars = [...chart.matchAll(/<rect class="(\w+)".* width="(\d+)"/g)].map(
  ([, kind, length]) => ({ kind, length: Number(length) }),
);

it('draws a bar as long as its ratio, to an end, and lets the package stand out', () => {
  const [ours, double, slow] = bars;
  expect(bars.map(({ kind }) => kind)).toEqual(['ours', 'bar', 'bar']);
  expect(double?.length).toBe(2 * (ours?.length ?? 0));
  expect(slow?.length).toBe(4 * (ours?.length ?? 0));
  expect(chart).toContain('>20.00x</text>');
});

it('heads each group once, with a line at what it is compared with', () => {
  expect(chart.match(/class="head">(axios|p99)</g)).toEqual([
    'class="head">axios<',
    'class="head">p99<',
  ]);
  expect(chart.match(/<line class="one"/g)).toHaveLength(2);
});

it('is well-formed, and ends with its caption', () => {
  expect(chart).toContain('a &lt; b &amp; c');
  expect(chart).toMatch(/^<svg [^]*>Node v24<\/text>\n<\/svg>\n$/);
});
