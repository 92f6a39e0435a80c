import { execFile, spawnSync, type ExecFileOptions } from 'node:child_process';
import { chmod, chown, mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { describeWithRedis } from '../helpers/describe-with-redis.js';
import { setUp } from '../helpers/examples.js';
import { startRedis } from '../helpers/redis-server.js';

const files = fileURLToPath(new URL('../../examples/deploy/containers', import.meta.url));
const host = fileURLToPath(new URL('host.mjs', import.meta.url));
const isRoot = process.getuid?.() === 0;
const inNamespace = ['--pid', '--fork', '--mount-proc', '--kill-child'];
const hasNamespaces = spawnSync('unshare', [...inNamespace, 'true']).status === 0;
if (!isRoot) console.warn('skipped: the test of another uid has to be run by root');
if (!hasNamespaces) console.warn('skipped: the test of PID namespaces needs `unshare --pid`');

interface Seen {
  readonly pid: number;
  readonly uid: number;
  readonly fetched: number;
  readonly storeFailed: readonly string[];
}

async function runHost(env: NodeJS.ProcessEnv, options: ExecFileOptions = {}): Promise<Seen> {
  return runAs([process.execPath, host], env, options);
}

async function runAs(
  [command = '', ...words]: readonly string[],
  env: NodeJS.ProcessEnv,
  options: ExecFileOptions = {},
): Promise<Seen> {
  const all = { ...options, env: { PATH: process.env.PATH, ...env } };
  const { stdout } = await promisify(execFile)(command, words, { ...all, encoding: 'utf8' });
  return JSON.parse(stdout) as Seen;
}

function fetchedBy(all: readonly Seen[]): number {
  return all.reduce((sum, { fetched }) => sum + fetched, 0);
}

describe('a container', () => {
  it.runIf(isRoot)('works in memory and says so, read-only, of a uid without a home', async () => {
    const { tt, folder, variables } = await setUp();
    await chmod(folder, 0o555);
    const { TT_TOKEN_FILE, ...rest } = variables;
    const anonymous = { uid: 1_234_567, gid: 0 };
    const home = await runHost({ ...rest, HOME: '/' }, anonymous);
    const file = await runHost({ ...rest, TT_TOKEN_FILE }, anonymous);
    for (const seen of [home, file]) {
      expect(seen).toMatchObject({ uid: 1_234_567, fetched: 1 });
      expect(seen.storeFailed[0]).toMatch(/^(EACCES|EROFS)$/);
    }
    expect(tt.tokenRequests).toHaveLength(2);
    expect(await readdir(folder)).toEqual([]);
  });

  it.runIf(isRoot)('keeps the token on a volume, whatever its uid', async () => {
    const { tt, folder, variables } = await setUp();
    await chmod(folder, 0o755);
    const volume = join(folder, 'volume');
    await mkdir(volume);
    await chown(volume, 1_234_567, 0);
    const env = { ...variables, TT_TOKEN_FILE: join(volume, 'token.json') };
    const anonymous = { uid: 1_234_567, gid: 0 };
    const all = [await runHost(env, anonymous), await runHost(env, anonymous)];
    expect(all.map(({ fetched, storeFailed }) => [fetched, storeFailed])).toEqual([
      [1, []],
      [0, []],
    ]);
    expect((await stat(env.TT_TOKEN_FILE)).mode & 0o777).toBe(0o600);
    expect(tt.tokenRequests).toHaveLength(1);
  });

  it.runIf(hasNamespaces)(
    'shares a volume with others that have process IDs of their own',
    async () => {
      const { tt, folder, variables } = await setUp();
      const container = ['unshare', ...inNamespace, process.execPath, host];
      const all = await Promise.all(Array.from({ length: 4 }, () => runAs(container, variables)));
      expect(all.map(({ pid }) => pid)).toEqual([1, 1, 1, 1]);
      expect(fetchedBy(all)).toBe(1);
      expect(tt.tokenRequests).toHaveLength(1);
      expect(await readdir(folder)).toEqual(['token.json']);
    },
  );
});

describeWithRedis('several hosts', () => {
  it('make one token request over one Redis, with nothing else in common', async () => {
    const redis = await startRedis();
    onTestFinished(() => redis.stop());
    const { tt, folder, variables } = await setUp();
    const all = await Promise.all(
      [1, 2, 3].map((id) =>
        runHost({
          ...variables,
          REDIS_URL: `redis://127.0.0.1:${redis.port}`,
          HOME: join(folder, `host-${id}`),
          TT_TOKEN_FILE: join(folder, `host-${id}`, 'token.json'),
        }),
      ),
    );
    expect(fetchedBy(all)).toBe(1);
    expect(all.flatMap(({ storeFailed }) => storeFailed)).toEqual([]);
    expect(tt.tokenRequests).toHaveLength(1);
  });
});

describe('the manifests', () => {
  it.each([
    ['compose.yaml', 1],
    ['kubernetes.yaml', 2],
  ])('%s is YAML without a secret in it', async (name, documents) => {
    const text = await readFile(join(files, name), 'utf8');
    const parsed = parseAllDocuments(text);
    expect(parsed).toHaveLength(documents);
    for (const document of parsed) {
      expect('errors' in document && document.errors).toEqual([]);
      expect(JSON.stringify(document)).not.toContain('"TT_API_SECRET"');
    }
  });

  it('let each container of Kubernetes write to volumes only, and probe without a network', async () => {
    const text = await readFile(join(files, 'kubernetes.yaml'), 'utf8');
    const ours = parseAllDocuments(text).map((document) => document.toJS() as Deployment);
    const containers = ours.map(({ spec }) => spec.template.spec.containers[0]);
    expect(containers.map((one) => one?.securityContext?.readOnlyRootFilesystem)).toEqual([
      true,
      true,
    ]);
    expect(containers[1]?.livenessProbe?.exec.command).toEqual([
      'node_modules/.bin/tt-token',
      '--verify',
    ]);
  });
});

interface Deployment {
  readonly spec: { readonly template: { readonly spec: { readonly containers: Container[] } } };
}

interface Container {
  readonly securityContext?: { readonly readOnlyRootFilesystem: boolean };
  readonly livenessProbe?: { readonly exec: { readonly command: readonly string[] } };
}
