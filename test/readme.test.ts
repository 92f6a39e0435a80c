import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const readme = await readFile(join(root, 'README.md'), 'utf8');

it('has only snippets that type-check against the built package', async () => {
  const cache = join(root, 'node_modules', '.cache');
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, 'readme-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const snippets = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, code = '']) => code);
  expect(snippets.length).toBeGreaterThan(3);
  for (const [index, code] of snippets.entries()) {
    await writeFile(join(folder, `snippet-${index + 1}.mts`), code);
  }
  const paths = {
    'tt-token-manager': [join(root, 'dist/index.d.ts')],
    'tt-token-manager/keyring': [join(root, 'dist/keyring.d.ts')],
    'tt-token-manager/testing': [join(root, 'dist/testing.d.ts')],
  };
  const compilerOptions = { noUnusedLocals: false, skipLibCheck: false, paths };
  await writeFile(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      extends: join(root, 'tsconfig.json'),
      compilerOptions: { ...compilerOptions, typeRoots: [join(root, 'node_modules/@types')] },
      include: ['*.mts'],
    }),
  );
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const { stdout } = await promisify(execFile)(process.execPath, [tsc, '-p', folder]).catch(
    (error: unknown) => error as { stdout: string },
  );
  expect(stdout).toBe('');
});

it('links only to files that exist', async () => {
  const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, path = '']) => path);
  expect(links.length).toBeGreaterThan(10);
  for (const path of links) await access(join(root, path));
});

it('names the test of each reason, guarantee and limit', async () => {
  const reasons = sectionOf('Why').split(/\n(?=- )/);
  const rows = sectionOf('Guarantees and limits')
    .split('\n')
    .filter((line) => line.startsWith('|') && !/^\| (?:-|guarantee|limit)/.test(line));
  const limits = readme.match(/^- \*\*Limits:\*\*.*(?:\n {2}.*)*/gm) ?? [];
  expect([reasons.length, limits.length]).toEqual([5, 3]);
  expect(rows.length).toBeGreaterThan(15);
  const untested: string[] = [];
  for (const line of [...reasons, ...rows, ...limits]) {
    const paths = [...line.matchAll(/\]\((test\/[^)]+)\)/g)].map(([, path = '']) => path);
    if (paths.length === 0) untested.push(line);
    for (const path of paths) expect(await testFilesIn(path), path).not.toEqual([]);
  }
  expect(untested).toEqual([expect.stringContaining('| no test: ')]);
});

function sectionOf(title: string): string {
  return (readme.split(`\n## ${title}\n`)[1] ?? '').split('\n## ')[0]?.trim() ?? '';
}

/** The test files at a path; those of the fault campaign are programs. */
async function testFilesIn(path: string): Promise<string[]> {
  const absolute = join(root, path);
  const names = (await stat(absolute)).isDirectory() ? await readdir(absolute) : [path];
  return names.filter((name) => /\.test\.ts$|^campaign\.ts$/.test(name));
}

it('gives the figures that the benchmark has printed', async () => {
  const report = await readFile(join(root, 'test/bench/results.md'), 'utf8');
  const [table = ''] = /^\| what .*(\n\|.*)+/m.exec(report) ?? [];
  expect(table.split('\n')).toHaveLength(12);
  expect(readme).toContain(table);
});

it('gives exactly the two commands that set everything up', () => {
  expect(readme).toContain('\nnpm ci && npm run demo\nnpm ci && npm test\n');
});
