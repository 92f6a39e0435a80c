// A cell an installer, or a neighbour of another version than is tested: the tarball goes into an app as it stands.
import assert from 'node:assert/strict';
import { cp, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { copyPrograms } from '../lib/places.mjs';
import { run, succeed } from '../lib/processes.mjs';
import { shareOneToken } from '../lib/stand-in.mjs';

const apps = fileURLToPath(new URL('apps', import.meta.url));
const programs = fileURLToPath(new URL('../runtimes/programs', import.meta.url));
const ofNode = { file: process.execPath, args: [] };

/** Installs with npm, which must not warn of anything that the package runs at its install. */
async function npm({ cwd, tarball }) {
  const options = ['--no-audit', '--no-fund', '--engine-strict=false'];
  const { code, stdout, stderr } = await run('npm', ['install', ...options, tarball], { cwd });
  assert.equal(code, 0, stderr);
  assert.doesNotMatch(stdout + stderr, /install.?scripts?|tt-token-manager/i);
  return ofNode;
}

async function pnpm({ cwd, tarball, set, cache }) {
  const file = join(set, 'node_modules/@pnpm/exe.linux-x64/pnpm');
  await succeed(file, ['add', `--store-dir=${cache}`, tarball], { cwd });
  return ofNode;
}

async function yarn({ cwd, tarball, set, cache }) {
  const file = join(set, 'node_modules/@yarnpkg/cli-dist/bin/yarn.js');
  const registry = (await succeed('npm', ['config', 'get', 'registry'], { cwd })).trim();
  const settings = {
    YARN_NODE_LINKER: 'pnp',
    YARN_ENABLE_TELEMETRY: '0',
    YARN_ENABLE_IMMUTABLE_INSTALLS: '0',
    YARN_GLOBAL_FOLDER: cache,
    YARN_NPM_REGISTRY_SERVER: registry.replace(/\/$/, ''),
  };
  const env = { ...process.env, ...settings };
  const add = [file, 'add', `tt-token-manager@file:${tarball}`];
  await succeed(process.execPath, add, { cwd, env });
  const loaders = ['--require', join(cwd, '.pnp.cjs'), '--loader', join(cwd, '.pnp.loader.mjs')];
  return { file: process.execPath, args: loaders };
}

const cells = {
  npm: { app: 'current', install: npm, hasClients: true },
  pnpm: { app: 'current', install: pnpm, hasClients: true },
  'yarn-pnp': { app: 'current', install: yarn, hasClients: true },
  'npm-beside-redis-4': { app: 'redis-4', install: npm },
  'npm-beside-ky-1.4': { app: 'ky-1.4', install: npm },
  'npm-beside-axios-0.27': { app: 'axios-0.27', install: npm },
};

async function check({ app, install: add, hasClients }, { installed, install, places }) {
  const set = await install('installs');
  const cwd = await places.empty();
  await cp(join(apps, app), cwd, { recursive: true });
  await copyPrograms(programs, cwd);
  const cache = await places.empty();
  const { file, args } = await add({ cwd, tarball: installed.tarball, set, cache });
  for (const name of ['share.mjs', 'share.cjs']) {
    const program = [...args, join(cwd, name)];
    await shareOneToken({ installed, places, file, args: () => program });
  }
  if (!hasClients) return;
  await succeed(file, [...args, join(cwd, 'clients.mjs')], { cwd });
  await succeed(file, [...args, join(cwd, 'clients.cjs')], { cwd });
}

/** The shims by which npm and pnpm start the command on Windows run node, and no shell that Windows lacks. */
async function checkShims({ installed, install, places }) {
  const set = await install('installs');
  const command = join(installed.modules, 'tt-token-manager/dist/tt-token.js');
  for (const maker of ['cmd-shim', '@zkochan/cmd-shim']) {
    const shims = createRequire(join(set, 'package.json'))(maker);
    const make = shims.cmdShim ?? shims;
    const shim = join(await places.empty(), 'tt-token');
    await make(command, shim, { createCmdFile: true });
    for (const ending of ['.cmd', '.ps1']) {
      const text = await readFile(shim + ending, 'utf8');
      assert.match(text, /\bnode\b/, maker);
      assert.doesNotMatch(text, /\bsh(\.exe)?\b/, maker);
    }
  }
}

export default [
  ...Object.entries(cells).map(([name, cell]) => ({
    name: `installs/${name}`,
    check: (context) => check(cell, context),
  })),
  { name: 'installs/windows-shims', check: checkShims },
];
