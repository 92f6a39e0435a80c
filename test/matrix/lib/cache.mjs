// The runtimes and tools, each set of them installed once outside the checkout, as its lock file pins them.
import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { succeed } from './processes.mjs';

const sets = fileURLToPath(new URL('../sets', import.meta.url));

function cacheFolder() {
  const caches = process.env.XDG_CACHE_HOME || join(homedir() || tmpdir(), '.cache');
  return process.env.TT_MATRIX_CACHE || join(caches, 'tt-token-manager-matrix');
}

const isThere = (path) =>
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
  await succeed('npm', ['ci', ...quiet], { cwd: unfinished });
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
