import { execFile } from 'node:child_process';
import { access, readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createTokenManager } from '../src/index.js';
import { figureLines } from './helpers/figures.js';
import {
  anchorsIn,
  cellsOf,
  otherDocuments,
  rowsOf,
  sectionOf,
  shippedDocuments,
} from './helpers/markdown.js';

const run = promisify(execFile);
const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string): Promise<string> => readFile(join(root, path), 'utf8');
const readme = await read('README.md');

describe('the documents', () => {
  it('link inside the tarball where they are in it, and to what exists everywhere', async () => {
    const pack = ['pack', '--dry-run', '--json', '--ignore-scripts'];
    const { stdout } = await run('npm', pack, { cwd: root });
    const [tarball] = JSON.parse(stdout) as { files: { path: string }[] }[];
    const inTarball = new Set(tarball?.files.map(({ path }) => path));
    const broken: string[] = [];
    for (const file of [...shippedDocuments, ...otherDocuments]) {
      for (const { path, anchor } of await linksOf(file)) {
        const isThere = shippedDocuments.includes(file) ? inTarball.has(path) : await exists(path);
        const isBroken =
          !isThere || (anchor !== '' && !anchorsIn(await read(path)).includes(anchor));
        if (isBroken) broken.push(`${file}: ${path}#${anchor}`);
      }
    }
    expect(broken).toEqual([]);
    for (const file of shippedDocuments) expect(inTarball).toContain(file);
  });

  it('name in code font only files of the repository that exist', async () => {
    const texts = await Promise.all(shippedDocuments.map(read));
    const named = [...texts.join('\n').matchAll(/`((?:test|\.github)\/[\w./-]+)`/g)];
    expect(named.length).toBeGreaterThan(2);
    for (const [, path = ''] of named) await access(join(root, path));
  });
});

describe('the README', () => {
  it('has at most 220 lines, and no table cell over 110 characters', () => {
    const lines = readme.trimEnd().split('\n');
    expect(lines.length).toBeLessThanOrEqual(220);
    const cells = lines.filter((line) => line.startsWith('|')).flatMap(cellsOf);
    expect(cells.length).toBeGreaterThan(100);
    expect(cells.filter((cell) => cell.length > 110)).toEqual([]);
  });

  it('has its sections in the order in which a newcomer needs them', () => {
    const titles = [...readme.matchAll(/^## (.*)$/gm)].map(([, title]) => title);
    expect(titles).toEqual([
      'Try it without an account',
      'Install',
      'axios, ky, fetch',
      'Several processes and hosts',
      'Errors',
      'The command',
      'Settings',
      'The manager',
      'Testing',
      'In production',
      'Troubleshooting',
      'Figures',
      'Security',
      'Compatibility',
    ]);
  });

  it('gives the two commands that set everything up', () => {
    expect(readme).toContain('`npm ci && npm run demo`, `npm ci && npm test`');
  });

  it('lists the options that there are, and no others', () => {
    const listed = rowsOf(sectionOf(readme, 'Settings')).map(([name = '']) => name.slice(1, -1));
    const create = (): unknown => createTokenManager({ unknownToEverybody: 1 } as never);
    expect(create).toThrow(`: known are ${listed.join(', ')}`);
  });

  it('gives the figures that the benchmark has printed', async () => {
    const figures = sectionOf(readme, 'Figures').split('\n');
    expect(figures).toEqual(figureLines(await read('test/bench/results.md')));
  });

  it('says with what the matrix runs the package', async () => {
    const compatibility = sectionOf(readme, 'Compatibility').toLowerCase();
    // What recipes and generated clients are made of is named with them.
    const others = ['frameworks', 'generated', 'windows', 'workflows'];
    const all = await readdir(join(root, 'test/matrix/sets'));
    const sets = all.filter((set) => !others.includes(set));
    const manifests = await Promise.all(
      sets.map((set) => read(`test/matrix/sets/${set}/package.json`)),
    );
    const packages = manifests.flatMap((text) =>
      Object.entries((JSON.parse(text) as { dependencies: Record<string, string> }).dependencies),
    );
    expect(packages.length).toBeGreaterThan(20);
    const unsaid = packages.filter((entry) => !compatibility.includes(nameInReadme(...entry)));
    expect(unsaid).toEqual([]);
  });
});

describe('test/README.md', () => {
  it.each([
    ['Promises, and the test of each', 40],
    ['Limits, and the test of each', 7],
  ])('names tests that exist for all %s', async (title, least) => {
    const rows = rowsOf(sectionOf(await read('test/README.md'), title));
    expect(rows.length).toBeGreaterThan(least);
    const untested: string[] = [];
    for (const [promise = '', tests = ''] of rows) {
      const paths = [...tests.matchAll(/\]\(([^)]+)\)/g)].map(([, path = '']) => path);
      if (paths.length === 0) untested.push(`${promise}: ${tests}`);
      for (const path of paths) expect(await testFilesIn(`test/${path}`), path).not.toEqual([]);
    }
    expect(untested.filter((line) => !line.includes('no test: '))).toEqual([]);
    expect(untested.length).toBeLessThanOrEqual(title.startsWith('Limits') ? 1 : 0);
  });
});

/** How the README calls a package of the matrix. */
function nameInReadme(name: string, version: string): string {
  const [major = '', minor = ''] = version.replace(/^npm:.*@/, '').split('.');
  if (/^@types|^@rollup|^webpack-cli$|^react/.test(name)) return ''; // come along with others
  if (/^node-\d/.test(name)) return major === '20' ? 'node 20' : `, ${major}`;
  if (name.startsWith('typescript-')) return name.slice('typescript-'.length);
  if (name === 'axios' || name === 'ky') return version;
  const [tool = name] = /ncc|pnpm|yarn|bun|deno|node-fetch|undici/.exec(name) ?? [];
  return ['bun', 'deno'].includes(tool) ? `${tool} ${major}.${minor}` : tool;
}

/** The links of a document to files, from the root. */
async function linksOf(file: string): Promise<{ path: string; anchor: string }[]> {
  const links = [...(await read(file)).matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)];
  return links.map(([, path = '', anchor = '']) => ({
    path: path === '' ? file : normalize(join(dirname(file), path)),
    anchor,
  }));
}

const exists = (path: string): Promise<boolean> =>
  access(join(root, path)).then(
    () => true,
    () => false,
  );

/** The test files at a path, in folders below it too; those of the fault campaign are programs. */
async function testFilesIn(path: string): Promise<string[]> {
  const absolute = join(root, path);
  const isFolder = (await stat(absolute)).isDirectory();
  const names = isFolder ? await readdir(absolute, { recursive: true }) : [path];
  return names.filter((name) => /\.test\.ts$|(^|\/)campaign\.ts$/.test(name));
}
