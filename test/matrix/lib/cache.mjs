// The runtimes and tools, each set of them installed once outside the checkout, as its lock file pins them.
import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { succeed } from './processes.mjs';

const sets = fileURLToPath(new URL('../sets', import.meta.url));

/** Where the matrix keeps what it installed. */
export function cacheFolder() {
  const caches = process.env.XDG_CACHE_HOME || join(homedir() || tmpdir(), '.cache');
  return process.env.TT_MATRIX_CACHE || join(caches, 'tt-token-manager-matrix');
}

/** Whether there is anything at a path. */
export const isThere = (path) =>
  stat(path).then(
    () => true,
    () => false,
  );

/** Gives the folder of a set, installed if it is not yet; a changed lock file is another folder. */
async function installSet(name) {
  const source = join(sets, name);
  const lock = await readFile(join(source, 'package-lock.json'));
  const hash = createHash('sha256').update(lock).digest('hex').slice(0, 12);
  const folder = join(cacheFolder(), `${name}-${hash}`);
  if (await isThere(folder)) return folder;

  await mkdir(cacheFolder(), { recursive: true });
  const unfinished = await mkdtemp(`${folder}.`);
  await cp(source, unfinished, { recursive: true });
  // No scripts: the platforms' packages bring their binaries as they are.
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  // What is for another system is data here, as Node for Windows is.
  const system = name === 'windows' ? ['--force'] : [];
  await succeed('npm', ['ci', ...quiet, ...system], { cwd: unfinished });
  // Another run may have been faster.
  await rename(unfinished, folder).catch(() => rm(unfinished, { recursive: true }));
  return folder;
}

/** Gives a function that installs a set at its first call. */
export function createCache() {
  const installed = new Map();
  return (name) => {
    if (!installed.has(name)) installed.set(name, installSet(name));
    return installed.get(name);
  };
}
