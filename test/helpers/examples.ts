import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ModuleKind, ScriptTarget, transpile } from 'typescript';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { startFakeTT, type FakeTT, type FakeTTOptions } from '../../src/testing/index.js';
import { isFull } from './full.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

const compilerOptions = { target: ScriptTarget.ES2022, module: ModuleKind.ESNext };

/** What became of an example. */
export interface Ended {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The examples as JavaScript, beside the packages that they import; most would wait for a loader else. */
let compiled: string;

beforeAll(async () => {
  compiled = await mkdtemp(join(tmpdir(), 'tt-examples-compiled-'));
  await writeFile(join(compiled, 'package.json'), '{ "type": "module" }');
  const modules = join(compiled, 'node_modules');
  for (const name of Object.keys(manifest.devDependencies)) {
    await mkdir(dirname(join(modules, name)), { recursive: true });
    await symlink(join(root, 'node_modules', name), join(modules, name));
  }
  await symlink(root, join(modules, manifest.name));
  await cp(join(root, 'examples'), compiled, { recursive: true });
  const names = await readdir(compiled, { recursive: true });
  for (const name of names.filter((path) => /^(demo\/)?[\w-]+\.ts$/.test(path))) {
    const text = await readFile(join(compiled, name), 'utf8');
    await writeFile(join(compiled, name.replace(/ts$/, 'js')), transpile(text, compilerOptions));
  }
});

afterAll(() => rm(compiled, { recursive: true, force: true }));

/** Runs an example with nothing but the given variables. */
export function run(
  example: string,
  variables: NodeJS.ProcessEnv,
  timeout?: number,
): Promise<Ended> {
  if (isFull) return runAsReader(example, variables, timeout);
  return start([join(compiled, example.replace(/ts$/, 'js'))], variables, timeout);
}

/** Runs an example as its reader would; `npm run test:full` runs all of them so. */
export function runAsReader(
  example: string,
  variables: NodeJS.ProcessEnv,
  timeout?: number,
): Promise<Ended> {
  return start(['--import', 'tsx', join('examples', example)], variables, timeout);
}

function start(
  parameters: readonly string[],
  variables: NodeJS.ProcessEnv,
  timeout = 25_000,
): Promise<Ended> {
  const { PATH, HOME, TMPDIR } = process.env;
  const env = { PATH, HOME, TMPDIR, ...variables };
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      parameters,
      { cwd: root, env, timeout },
      (_error, stdout, stderr) => resolve({ exitCode: child.exitCode ?? -1, stdout, stderr }),
    );
  });
}

/** A stand-in, the variables that lead to it, and the folder of the token file; gone after the test. */
export async function setUp(options: FakeTTOptions = {}): Promise<{
  tt: FakeTT;
  folder: string;
  variables: NodeJS.ProcessEnv;
}> {
  const tt = await startFakeTT(options);
  const folder = await mkdtemp(join(tmpdir(), 'tt-examples-'));
  onTestFinished(async () => {
    await tt.close();
    await rm(folder, { recursive: true, force: true });
  });
  const variables = {
    TT_API_KEY: tt.apiKey,
    TT_API_SECRET: tt.apiSecret,
    TT_APP_NAME: 'My App',
    TT_COMPANY_NAME: 'Acme Co',
    TT_BASE_URL: tt.url,
    TT_TOKEN_FILE: join(folder, 'token.json'),
  };
  return { tt, folder, variables };
}
