import { format } from 'prettier';
import { expect, it } from 'vitest';
import { added, counted, counts, fixed, ratio, ratioSpread, spread } from './lib/format.ts';
import {
  atLeast,
  atMost,
  exactly,
  isFault,
  ratioAtMost,
  summary,
  table,
  verdict,
  type Row,
} from './lib/report.ts';

it('formats numbers, differences and ratios', () => {
  expect([fixed(1_234.5), fixed(1_234.56, 1)]).toEqual(['1,235', '1,234.6']);
  expect([added(4_096), added(-0.25, 1)]).toEqual(['+4,096', '-0.3']);
  expect(ratio(1.125)).toBe('1.13x');
});

it('shows how far the rounds lie apart', () => {
  expect(ratioSpread([1, 2, 3, 4, 5])).toBe('3.00x (2.00-4.00)');
  expect(spread([180, 110, 120])).toBe('120 (110-180)');
  expect([counts([1, 1]), counts([3, 1, 2])]).toEqual(['1', '1-3']);
  expect([counted([1], 'try'), counted([2, 3], 'call')]).toEqual(['1 try', '2-3 calls']);
});

it('tells what has to be reached, and whether it is', () => {
  const met = [exactly(1, 'token request', [1, 1]), atMost(2, 2, ratio), atLeast(0.9, 0.9, ratio)];
  expect(verdict(met)).toBe('met: 1 token request, <= 2.00x, >= 0.90x');
  expect(verdict([])).toBe('');
});

it.each([exactly(1, 'token request', [1, 2]), atMost(2, 2.01, ratio), atLeast(0.9, 0.89, ratio)])(
  'misses $text',
  (check) => {
    expect(verdict([atMost(1, 1), check])).toBe(`MISSED: <= 1, ${check.text}`);
  },
);

it('counts a wrong count as a fault, and a slow round not', () => {
  for (const isInCi of [false, true]) {
    expect(isFault(exactly(0, 'failed', [1]), { isInCi })).toBe(true);
    expect(isFault(exactly(0, 'failed', [0]), { isInCi })).toBe(false);
    expect(isFault(atMost(1, 9), { isInCi })).toBe(false);
  }
});

it('counts a ratio beyond twice its bar as a fault in CI alone', () => {
  expect(ratioAtMost(1.1, 1.2)).toMatchObject(atMost(1.1, 1.2, ratio));
  expect(isFault(ratioAtMost(1.1, 2.2), { isInCi: true })).toBe(false);
  expect(isFault(ratioAtMost(1.1, 2.21), { isInCi: true })).toBe(true);
  expect(isFault(ratioAtMost(1.1, 2.21))).toBe(false);
});

it('writes a table as Prettier does', async () => {
  const markdown = `${table([
    ['client', 'ms'],
    ['bare axios', '1'],
    ['tt-token-manager, axios', '1,234.5'],
  ])}\n`;
  expect(markdown).toContain('| bare axios              | 1       |');
  expect(await format(markdown, { parser: 'markdown' })).toBe(markdown);
});

it('sums up a scenario in a line: the package, and those it is compared with', () => {
  const row = (label: string, short?: string): Row => ({ label, cells: [], short });
  const rows = [
    row('bare axios'),
    row('tt-token-manager, axios', '1 token request'),
    row('tt-token-manager, ky', '1 token request'),
    row('tt-token --verify', '+9 ms'),
    row('a peer', '4 token requests'),
  ];
  expect(summary([{ title: 'Late 401s', rows }])).toBe(
    table([
      ['what', 'tt-token-manager', 'compared with'],
      [
        'Late 401s',
        'axios, ky: 1 token request; tt-token --verify: +9 ms',
        'a peer: 4 token requests',
      ],
    ]),
  );
});
