import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { cellsOf, rowsOf, sectionOf } from '../../helpers/markdown.js';
import { metric, refresh } from './setup.js';

const page = await readFile(new URL('../../../examples/README.md', import.meta.url), 'utf8');
const section = sectionOf(page, 'Metrics, and the five alerts worth having');

it('examples/README.md names the metrics that there are, and five alerts on them', () => {
  const names = rowsOf(section).map((cells) =>
    cells.flatMap((cell) => /^`(tt_token_manager\.[\w.]+)`/.exec(cell)?.[1] ?? []),
  );
  expect(names.slice(0, 6).map(([name]) => name)).toEqual(Object.values(metric));
  expect(names.slice(6)).toHaveLength(5);
  for (const [name] of names.slice(6)) expect(Object.values(metric)).toContain(name);
  for (const attribute of Object.keys(refresh('missing', 'code'))) {
    expect(section).toContain(`\`${attribute}\``);
  }
});

it('examples/README.md has no table cell over 110 characters', () => {
  const cells = page
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .flatMap(cellsOf);
  expect(cells.length).toBeGreaterThan(100);
  expect(cells.filter((cell) => cell.length > 110)).toEqual([]);
});
