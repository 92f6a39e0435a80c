import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { freePort } from './free-port.ts';

/** A real PostgreSQL on a free port of this machine, empty, in a folder of its own. */
export interface PostgresServer {
  readonly url: string;
  /** Ends it at once, without a word to its clients. */
  kill(): Promise<void>;
  /** Starts it again on the same port, with what it had. */
  restart(): Promise<void>;
  /** Ends it for good. */
  stop(): Promise<void>;
}

/** Debian keeps its programs where no PATH leads. */
const debian = '/usr/lib/postgresql';
const folders = existsSync(debian)
  ? readdirSync(debian).map((version) => join(debian, version, 'bin'))
  : [];
const programs = ['', ...folders].find(
  (folder) => spawnSync(join(folder, 'initdb'), ['--version']).status === 0,
);

/** Whether there is a PostgreSQL; what needs one says so where there is none, and is skipped. */
export const isPostgresInstalled = programs !== undefined;

const children = new Set<ChildProcess>();
process.once('exit', () => children.forEach((child) => child.kill('SIGQUIT')));

/** Starts a server. It does not run as root: then it is nobody's. */
export async function startPostgres(): Promise<PostgresServer> {
  const program = (name: string): string => join(programs ?? '', name);
  const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  const folder = mkdtempSync(join(tmpdir(), 'tt-token-postgres-'));
  const removeFolder = (): void => rmSync(folder, { recursive: true, force: true });
  process.once('exit', removeFolder);
  if (nobody.uid) chownSync(folder, nobody.uid, nobody.gid);
  const data = join(folder, 'data');
  const initial = ['-D', data, '-U', 'tt', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'];
  execFileSync(program('initdb'), initial, { ...nobody, cwd: folder, stdio: 'pipe' });
  const port = await freePort();
  let running = await run();

  async function run(): Promise<ChildProcess> {
    const settings = [
      'listen_addresses=127.0.0.1',
      `unix_socket_directories=${folder}`,
      'fsync=off',
    ];
    const child = spawn(
      program('postgres'),
      ['-D', data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])],
      { ...nobody, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    children.add(child);
    const lines: string[] = [];
    for await (const line of createInterface(child.stderr)) {
      lines.push(line);
      if (!line.includes('ready to accept connections')) continue;
      child.stderr.resume();
      return child;
    }
    throw new Error(`postgres did not start:\n${lines.join('\n')}`);
  }

  async function kill(): Promise<void> {
    if (running.exitCode !== null || running.signalCode !== null) return;
    const gone = once(running, 'exit');
    running.kill('SIGQUIT');
    await gone;
    children.delete(running);
  }

  return {
    url: `postgres://tt@127.0.0.1:${port}/postgres`,
    kill,
    async restart() {
      await kill();
      running = await run();
    },
    async stop() {
      await kill();
      process.off('exit', removeFolder);
      removeFolder();
    },
  };
}
