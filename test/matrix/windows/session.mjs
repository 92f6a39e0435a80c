// Programs under Wine, in namespaces of their own: when the session ends, whatever runs in it is ended and whatever it
// mounted is gone, also if this process is killed, since the session's first process ends with its stdin.
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { start, untilPrinted } from '../lib/processes.mjs';

const DAY_MS = 86_400_000;
const OUTPUT = 'prefix/drive_c/output';

const wineVariables = {
  PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin',
  HOME: '/root',
  LANG: 'C.UTF-8',
  WINEPREFIX: '/prefix',
  WINEDEBUG: '-all',
  // Neither .NET nor a browser is asked for at the first start.
  WINEDLLOVERRIDES: 'mscoree=;mshtml=',
};

// Its number among this machine's processes is read where /proc is still this machine's.
const firstProcess = `set -e
read -r pid rest </proc/self/stat
root=$1 modules=$2
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -t tmpfs tmpfs "$root/tmp"
mkdir -p "$root/${OUTPUT}"
mount -t tmpfs tmpfs "$root/${OUTPUT}"
if [ -n "$modules" ]; then mount --bind "$modules" "$root/prefix/drive_c/node_modules"; fi
echo "$pid"
cat >/dev/null`;

/** Opens a session on a root of Debian; another one on it, of any process, waits until this one has ended. */
export async function openSession(root, { modules = '' } = {}) {
  const apart = ['unshare', '--mount', '--pid', '--fork', '--kill-child', 'sh', '-c', firstProcess];
  const args = [`${root}.lock`, ...apart, 'sh', root, modules];
  const first = start('flock', args, { stdin: 'pipe', limitMs: DAY_MS });
  await untilPrinted(first);
  for (const held of [first.child, ...first.child.stdio]) held.unref();
  const inside = [
    '--target',
    first.printed.stdout.trim(),
    '--mount',
    '--pid',
    '--',
    'chroot',
    root,
  ];
  let hasClosed = false;

  /** Starts a shell's line in the session. Wine fails with a pipe as its output, so files take it. */
  function shell(line, { env = {}, args: more = [], limitMs } = {}) {
    const output = `/${OUTPUT}/${randomUUID()}`;
    const variables = Object.entries({ ...wineVariables, ...env });
    const set = variables.map(([name, value]) => `${name}=${value}`);
    const redirected = `exec >${output}.out 2>${output}.err </dev/null; ${line}`;
    const program = ['env', '-i', ...set, 'sh', '-c', redirected, 'sh', ...more];
    const started = start('nsenter', [...inside, ...program], { limitMs });
    // The files are in the session's own mounts, which this machine sees by its first process.
    const seen = join('/proc', first.printed.stdout.trim(), 'root', root, output);
    const read = (name) => readFile(`${seen}.${name}`, 'utf8').catch(() => '');
    const ended = started.ended.then(async ({ code, signal, stderr }) => ({
      code,
      signal,
      stdout: await read('out'),
      stderr: `${await read('err')}${stderr}`,
    }));
    return { ...started, ended, name: more.slice(1).join(' ') || line };
  }

  /** Starts a program for Windows in a folder of drive C. */
  function wine(args, { cwd = '.', ...options } = {}) {
    const folder = join('/prefix/drive_c', cwd);
    return shell(`cd "$1" && shift && exec wine "$@"`, { ...options, args: [folder, ...args] });
  }

  /** Ends the programs of this session, and of no other, whose command line has a text. */
  async function endAll(text) {
    const line = `for one in /proc/[0-9]*; do if [ "\${one#/proc/}" != "$$" ] && grep -qF -- "$1" "$one/cmdline"; then kill -9 "\${one#/proc/}"; fi; done`;
    await shell(line, { args: [text] }).ended;
  }

  async function close() {
    if (hasClosed) return;
    hasClosed = true;
    first.child.ref();
    first.child.stdin.end();
    await first.ended;
  }

  return { modules, driveC: join(root, 'prefix/drive_c'), shell, wine, endAll, close };
}
