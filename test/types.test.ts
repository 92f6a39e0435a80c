import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { otherDocuments, shippedDocuments } from './helpers/markdown.js';
import { typeErrorsOf } from './helpers/type-check.js';

const run = promisify(execFile);
const root = fileURLToPath(new URL('..', import.meta.url));
const types = fileURLToPath(new URL('types', import.meta.url));
let folder: string;

/** Unpacks the tarball among the dependencies that its users have. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tt-token-types-'));
  await run('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], { cwd: root });
  const [tarball = ''] = await readdir(folder);
  const installed = join(folder, 'node_modules', 'tt-token-manager');
  await mkdir(installed, { recursive: true });
  await run('tar', ['-xzf', join(folder, tarball), '-C', installed, '--strip-components=1']);
  await mkdir(join(folder, 'node_modules', '@types'));
  await mkdir(join(folder, 'node_modules', '@opentelemetry'));
  const clients = ['redis', 'redis-oldest', 'ioredis', 'ioredis-oldest'];
  const libraries = ['undici-types', '@types/node', '@opentelemetry/api'];
  for (const name of ['axios', 'ky', 'undici', ...clients, ...libraries]) {
    await symlink(join(root, 'node_modules', name), join(folder, 'node_modules', name));
  }
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** What the compiler says to the project in a folder, which has its files already. */
async function compile(
  project: string,
  type: 'module' | 'commonjs',
  options: Record<string, unknown>,
): Promise<string> {
  await writeFile(join(project, 'package.json'), JSON.stringify({ private: true, type }));
  const compilerOptions = {
    target: 'ES2022',
    lib: ['ES2023'],
    types: [],
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    skipLibCheck: false,
    ...options,
  };
  await writeFile(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions }));
  return typeErrorsOf(join(project, 'tsconfig.json'));
}

const node = { module: 'Node16', moduleResolution: 'Node16' };
const bundler = { module: 'ESNext', moduleResolution: 'bundler' };
/** What a CommonJS project has that sets neither, before TypeScript 6: `exports` are not read. */
const classic = { module: 'CommonJS', moduleResolution: 'node10', esModuleInterop: true };

it.each([
  ['Node as ES modules', 'module', node],
  ['Node as CommonJS', 'commonjs', node],
  ['a bundler', 'module', bundler],
  ['Node as it was before exports', 'commonjs', classic],
] as const)(
  'has the promised types for %s, its declarations checked',
  async (name, type, options) => {
    const project = join(folder, name.replaceAll(' ', '-'));
    await cp(join(types, 'consumer'), project, { recursive: true });
    expect(await compile(project, type, options)).toBe('');
  },
  120_000,
);

it('has exactly the types of the contract, as built', () => {
  expect(typeErrorsOf(join(types, 'tsconfig.json'))).toBe('');
});

it('type-checks every snippet of the documents', async () => {
  const documents = [...shippedDocuments, ...otherDocuments];
  const texts = await Promise.all(documents.map((name) => readFile(join(root, name), 'utf8')));
  const snippets = [...texts.join('\n').matchAll(/```ts\n(.*?)```/gs)];
  expect(snippets.length).toBeGreaterThan(5);
  const project = join(folder, 'snippets');
  await mkdir(project);
  for (const [index, [, code = '']] of snippets.entries()) {
    await writeFile(join(project, `snippet-${index + 1}.mts`), code);
  }
  expect(await compile(project, 'module', node)).toBe('');
});
