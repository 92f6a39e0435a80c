// Wine of Debian trixie in a folder of the matrix's cache, since older ones do not start Node 24. Set up once.
import { mkdir, mkdtemp, readFile, readdir, rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder, isThere } from '../lib/cache.mjs';
import { run, succeed } from '../lib/processes.mjs';
import { openSession } from './session.mjs';

const SETUP_LIMIT_MS = 1_200_000;
const quietly = ['install', '-qq', '-y', '--no-install-recommends'];

/** The Debian mirror that this machine itself installs from. */
async function findMirror() {
  const more = '/etc/apt/sources.list.d';
  const names = await readdir(more).catch(() => []);
  const files = ['/etc/apt/sources.list', ...names.map((name) => join(more, name))];
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8').catch(() => '')));
  return /https?:\/\/\S+\/debian\/?(?=\s|$)/m.exec(texts.join('\n'))?.[0];
}

/** Why there can be no cell on this machine; undefined where there can. */
async function obstacle() {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'this is not Linux on x64';
  if (process.getuid() !== 0) return 'this is not root';
  if (!(await isThere('/etc/debian_version'))) return 'this is not Debian';
  if ((await findMirror()) === undefined) return 'the apt sources name no Debian mirror';
  const { code, stderr } = await run('unshare', ['--mount', '--pid', '--fork', 'true']);
  return code === 0 ? undefined : `mounts are refused: ${stderr.trim()}`;
}

/** Installs into the unfinished folder. What debootstrap mounts goes with its namespace, also if it fails. */
async function bootstrap(unfinished) {
  const limit = { limitMs: SETUP_LIMIT_MS };
  const apart = ['--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
  const alone = (file, ...args) => succeed('unshare', [...apart, file, ...args], limit);
  if (!(await isThere('/usr/sbin/debootstrap'))) {
    await succeed('apt-get', [...quietly, 'debootstrap'], limit);
  }
  const root = join(unfinished, 'root');
  await alone('debootstrap', '--variant=minbase', 'trixie', root, await findMirror());
  const install = `apt-get -qq update && apt-get ${quietly.join(' ')} wine wine64 && apt-get clean`;
  await alone('chroot', root, 'env', 'DEBIAN_FRONTEND=noninteractive', 'sh', '-c', install);
  // The folders that a session mounts on.
  await mkdir(join(root, 'prefix'));
  const session = await openSession(root);
  try {
    await successOfWine(session, ['wineboot', '--init']);
    // Ends its server, which writes the registry then.
    await session.shell('wineserver -k || /usr/lib/wine/wineserver64 -k').ended;
  } finally {
    await session.close();
  }
  await addFolders(join(root, 'prefix'));
}

/** Where the modules are mounted, and another drive. */
async function addFolders(prefix) {
  await mkdir(join(prefix, 'drive_c/node_modules'));
  await mkdir(join(prefix, 'drive_d'));
  await symlink('../drive_d', join(prefix, 'dosdevices/d:'));
}

async function successOfWine(session, args) {
  const { code, stdout, stderr } = await session.wine(args, { limitMs: SETUP_LIMIT_MS }).ended;
  if (code !== 0) throw new Error(`${args[0]} ended with ${code}:\n${stdout}${stderr}`);
}

/** The folder with a root of Debian in it, installed if it is not yet. */
async function installWine() {
  const folder = join(cacheFolder(), 'wine-trixie');
  if (await isThere(folder)) return folder;
  await mkdir(cacheFolder(), { recursive: true });
  const unfinished = await mkdtemp(`${folder}.`);
  try {
    await bootstrap(unfinished);
    await rename(unfinished, folder);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  return folder;
}

async function openWindows(install) {
  const folder = await installWine();
  const modules = join(await install('windows'), 'node_modules');
  const session = await openSession(join(folder, 'root'), { modules });
  // Stays for all programs of the session; without, each starts Windows anew.
  await session.shell('wineserver -p').ended;
  return session;
}

/** Opens Windows at the first call: a session, or why there is none here. In CI that is a failure. */
export function createWindows(install) {
  let opened;
  async function openHere() {
    try {
      const reason = await obstacle();
      if (reason) throw new Error(reason);
      return { session: await openWindows(install) };
    } catch (error) {
      if (process.env.CI === 'true') throw error;
      return { reason: `no Windows cell here: ${error.message}` };
    }
  }
  return {
    open: () => (opened ??= openHere()),
    async close() {
      const { session } = (await opened?.catch(() => undefined)) ?? {};
      await session?.close();
    },
  };
}
