import { execFile } from 'node:child_process';
import {
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import manifest from '../package.json' with { type: 'json' };

const run = promisify(execFile);
const root = fileURLToPath(new URL('..', import.meta.url));
/** Peers that their subpaths import; brought here without being counted as packages of ours. */
const importedPeers = ['axios', '@opentelemetry'];
let project: string;

/** Packs the package and installs the tarball into an empty project, as a user would. */
beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'tt-token-project-'));
  await run('npm', ['pack', '--ignore-scripts', '--pack-destination', project]);
  const [tarball = ''] = await readdir(project);
  await writeFile(join(project, 'package.json'), '{ "private": true }');
  await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', `./${tarball}`], {
    cwd: project,
  });
  for (const peer of importedPeers) {
    await symlink(join(root, 'node_modules', peer), join(project, 'node_modules', peer));
  }
});

afterAll(() => rm(project, { recursive: true, force: true }));

async function bytesIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = files.map(
    async ({ parentPath, name }) => (await stat(join(parentPath, name))).size,
  );
  return sum(await Promise.all(sizes));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** The relative links and images of a Markdown page, without their fragments. */
function linkedFrom(markdown: string): string[] {
  const links = [
    ...markdown.matchAll(/\]\(\s*<?([^)\s>]+)/g),
    ...markdown.matchAll(/^\[[^\]]+\]:\s*<?([^\s>]+)/gm),
    ...markdown.matchAll(/\b(?:src|srcset|href)="([^"]+)"/g),
  ].map(([, target = '']) => target);
  const paths = links.filter((target) => !/^([a-z][a-z\d+.-]*:|#)/i.test(target));
  return paths.map((path) => decodeURI(path.replace(/[?#].*$/, '')));
}

async function evaluate(
  code: string,
  type: 'module' | 'commonjs',
  cwd = project,
): Promise<unknown> {
  const { stdout, stderr } = await run(
    process.execPath,
    [
      `--input-type=${type}`,
      '--eval',
      `${code}.then((value) => console.log(JSON.stringify(value)))`,
    ],
    { cwd },
  );
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

const subpaths = Object.keys(manifest.exports).filter((path) => path !== './package.json');

describe('the packed tarball, installed into an empty project', () => {
  it.each(subpaths)(
    'imports as ESM and requires as CJS with the same names: %s',
    async (subpath) => {
      const name = subpath.replace('.', manifest.name);
      const imported = await evaluate(`import('${name}').then(Object.keys)`, 'module');
      const required = await evaluate(
        `Promise.resolve(Object.keys(require('${name}')))`,
        'commonjs',
      );
      expect(imported).not.toEqual([]);
      expect((required as string[]).sort()).toEqual((imported as string[]).sort());
    },
  );

  it('gets a token from the stand-in, from CommonJS too', async () => {
    const code = `(async () => {
      const { createTokenManager } = require('tt-token-manager');
      const { startFakeTT } = require('tt-token-manager/testing');
      const tt = await startFakeTT();
      const manager = createTokenManager({
        apiKey: tt.apiKey, apiSecret: tt.apiSecret, appName: 'App', companyName: 'Co',
        baseUrl: tt.url, tokenFile: 'token.json',
      });
      const { accessToken } = await manager.getToken();
      await manager.close();
      await tt.close();
      return accessToken === tt.tokenRequests[0].accessToken;
    })()`;
    expect(await evaluate(code, 'commonjs')).toBe(true);
  });

  it.each(['module', 'commonjs'] as const)(
    'says that the package for the keyring is not installed, in a %s',
    async (type) => {
      const code = `import('tt-token-manager/keyring').then(({ keyringStore }) =>
        keyringStore().open({ environment: 'UAT', baseUrl: 'https://tt.example/', keyFingerprint: 'a' })
          .read().catch(({ message }) => message))`;
      expect(await evaluate(code, type)).toMatch(
        /^the system keyring cannot be used \(@napi-rs\/keyring is not installed\): use a token file/,
      );
    },
  );

  it.each(['module', 'commonjs'] as const)(
    'says which axios it needs where an older one is installed, in a %s',
    async (type) => {
      const folder = join(project, `old-axios-${type}`);
      const axios = join(folder, 'node_modules', 'axios');
      await mkdir(axios, { recursive: true });
      // As axios 0.27 is: CommonJS, without AxiosHeaders and getAdapter.
      await writeFile(join(axios, 'package.json'), '{ "name": "axios", "version": "0.27.2" }');
      await writeFile(
        join(axios, 'index.js'),
        "module.exports = { defaults: {}, VERSION: '0.27.2' }; module.exports.default = module.exports;",
      );
      const installed = join(project, 'node_modules', manifest.name);
      await cp(installed, join(folder, 'node_modules', manifest.name), { recursive: true });
      const code = `import('tt-token-manager/axios').then(({ authenticateAxios }) => {
        try { authenticateAxios({}, {}); } catch ({ name, message }) { return [name, message]; }
      })`;
      expect(await evaluate(code, type, folder)).toEqual([
        'TypeError',
        'authenticateAxios needs axios 1.6 or newer (this is 0.27.2)',
      ]);
    },
  );

  it.each(['module', 'commonjs'] as const)(
    'says which API of OpenTelemetry it needs where an older one is installed, in a %s',
    async (type) => {
      const folder = join(project, `old-opentelemetry-${type}`);
      const api = join(folder, 'node_modules', '@opentelemetry', 'api');
      await mkdir(api, { recursive: true });
      await writeFile(join(api, 'package.json'), '{ "name": "@opentelemetry/api" }');
      // As 1.2 is: without metrics.
      await writeFile(join(api, 'index.js'), 'module.exports = { trace: {} };');
      const installed = join(project, 'node_modules', manifest.name);
      await cp(installed, join(folder, 'node_modules', manifest.name), { recursive: true });
      const code = `import('tt-token-manager/opentelemetry').then(({ observeTokenManager }) => {
        try { observeTokenManager({ on() {}, status() {} }); } catch ({ name, message }) { return [name, message]; }
      })`;
      expect(await evaluate(code, type, folder)).toEqual([
        'TypeError',
        'observeTokenManager needs @opentelemetry/api 1.3 or newer, or a meterProvider',
      ]);
    },
  );

  it('links only to what is in it', async () => {
    const installed = join(project, 'node_modules', manifest.name);
    const names = await readdir(installed, { recursive: true });
    const pages = names.filter((name) => name.endsWith('.md'));
    expect(pages).toContain('README.md');
    const broken: string[] = [];
    for (const page of pages) {
      const text = await readFile(join(installed, page), 'utf8');
      for (const path of linkedFrom(text)) {
        const target = relative(installed, join(installed, dirname(page), path));
        if (!names.includes(target)) broken.push(`${page}: ${path}`);
      }
    }
    expect(broken).toEqual([]);
  });

  it('puts the command in place', async () => {
    const { stdout } = await run(join(project, 'node_modules', '.bin', 'tt-token'), ['--version']);
    expect(stdout).toContain(manifest.version);
  });

  it('brings no other package and at most 860 KiB', async () => {
    const modules = join(project, 'node_modules');
    const installed = await readdir(modules);
    const packages = installed.filter(
      (name) => !name.startsWith('.') && !importedPeers.includes(name),
    );
    expect(packages).toEqual([manifest.name]);
    const sizes = await Promise.all(packages.map((name) => bytesIn(join(modules, name))));
    expect(sum(sizes)).toBeLessThanOrEqual(860 * 1_024);
  });
});
