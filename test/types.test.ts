import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';

const run = promisify(execFile);
const root = fileURLToPath(new URL('..', import.meta.url));
const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
const types = fileURLToPath(new URL('types', import.meta.url));
const consumer = join(types, 'consumer');
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
  const clients = ['redis', 'redis-oldest', 'ioredis', 'ioredis-oldest'];
  for (const name of ['axios', 'ky', 'undici', ...clients, 'undici-types', '@types/node']) {
    await symlink(join(root, 'node_modules', name), join(folder, 'node_modules', name));
  }
}, 120_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

/** What the compiler says to a project of the consumer's files. */
async function compile(
  name: string,
  type: 'module' | 'commonjs',
  options: Record<string, unknown>,
): Promise<string> {
  const project = join(folder, name);
  await cp(consumer, project, { recursive: true });
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
  return check(project);
}

/** What the compiler says to a project as it stands. */
async function check(project: string): Promise<string> {
  try {
    return (await run(process.execPath, [tsc, '--pretty', 'false', '-p', project])).stdout;
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}

const bundler = { module: 'ESNext', moduleResolution: 'bundler' };

it.each([
  ['Node as ES modules', 'module', { module: 'Node16', moduleResolution: 'Node16' }],
  ['Node as CommonJS', 'commonjs', { module: 'Node16', moduleResolution: 'Node16' }],
  ['a bundler', 'module', bundler],
] as const)(
  'has the promised types for %s, libraries checked',
  async (name, type, options) => {
    expect(await compile(name.replaceAll(' ', '-'), type, options)).toBe('');
  },
  120_000,
);

it('has exactly the types of the contract, as built', async () => {
  expect(await check(types)).toBe('');
}, 120_000);
