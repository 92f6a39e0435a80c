import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A D-Bus session with an unlocked gnome-keyring, which ends with this process at the latest. */
export interface KeyringSession {
  /** What a process needs to find it, and a home where nothing else is. */
  readonly variables: {
    readonly DBUS_SESSION_BUS_ADDRESS: string;
    readonly HOME: string;
    readonly XDG_STATE_HOME: string;
  };
  end(): Promise<void>;
}

/** Whether the programs are there; says so, once for each test file, where they are not. */
export function hasGnomeKeyring(): boolean {
  const isThere = ['dbus-run-session', 'gnome-keyring-daemon'].every(
    (program) => spawnSync(program, ['--version']).status === 0,
  );
  if (!isThere) {
    console.warn(
      'skipped: no keyring here (apt-get install --no-install-recommends gnome-keyring dbus)',
    );
  }
  return isThere;
}

/** The bus ends when the shell does, the shell with its standard input, and the keyring with the bus. */
const script = `
  printf '\\n' | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1
  printf '%s\\n' "$DBUS_SESSION_BUS_ADDRESS"
  read -r nothing
`;

/** Starts a session with a keyring of its own. */
export async function startGnomeKeyring(): Promise<KeyringSession> {
  const home = await mkdtemp(join(tmpdir(), 'tt-keyring-'));
  const child = spawn('dbus-run-session', ['--', 'sh', '-c', script], {
    env: { PATH: process.env.PATH, HOME: home },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const ended = once(child, 'exit');
  const [address] = (await Promise.race([
    once(createInterface(child.stdout), 'line'),
    ended.then(() => Promise.reject(new Error('dbus-run-session ended'))),
  ])) as [string];
  return {
    variables: {
      DBUS_SESSION_BUS_ADDRESS: address,
      HOME: home,
      XDG_STATE_HOME: join(home, 'state'),
    },
    async end() {
      child.stdin.end();
      await ended;
      await rm(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
