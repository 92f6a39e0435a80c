// The package under test: the tarball that its users get, installed where nothing else is.
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { succeed } from './processes.mjs';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Packs the built project and installs the tarball; gives where both are, and the subpaths. */
export async function installPackage(folder) {
  const packed = join(folder, 'packed');
  const app = join(folder, 'app');
  await mkdir(packed);
  await mkdir(app);
  await succeed('npm', ['pack', '--ignore-scripts', '--pack-destination', packed], { cwd: root });
  const [name] = await readdir(packed);
  const tarball = join(packed, name);
  await writeFile(join(app, 'package.json'), '{ "private": true }');
  await succeed('npm', ['install', '--no-audit', '--no-fund', tarball], { cwd: app });

  const modules = join(app, 'node_modules');
  const manifest = await readFile(join(modules, 'tt-token-manager', 'package.json'), 'utf8');
  const { exports } = JSON.parse(manifest);
  const subpaths = Object.keys(exports).filter((path) => path !== './package.json');
  return {
    tarball,
    modules,
    subpaths: subpaths.map((path) => path.replace('.', 'tt-token-manager')),
  };
}
