import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { createClient } from 'redis';
import { freePort } from './free-port.ts';

/** A real Redis on a free port of this machine, with nothing on disk. */
export interface RedisServer {
  readonly port: number;
  /** Sends a command as the operator; the answer as redis-cli would have it. */
  command(...parts: string[]): Promise<unknown>;
  /** SIGSTOP, and SIGCONT after it. */
  signal(name: NodeJS.Signals): void;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  /** Starts it again at the same port, with the same settings and empty. */
  restart(): Promise<void>;
  /** Ends it for good. */
  stop(): Promise<void>;
}

const children = new Set<ChildProcess>();
process.once('exit', () => children.forEach((child) => child.kill('SIGKILL')));

/** Starts a server with further settings, such as `'--requirepass', 'word'`. */
export async function startRedis(...settings: string[]): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), 'tt-token-redis-'));
  const removeFolder = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', removeFolder);
  const port = await freePort();
  let running = await run();

  async function run(): Promise<ChildProcess> {
    const child = spawn(
      'redis-server',
      ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, ...inMemory, ...settings],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    children.add(child);
    const lines: string[] = [];
    for await (const line of createInterface(child.stdout)) {
      lines.push(line);
      if (!line.includes('Ready to accept connections')) continue;
      child.stdout.resume();
      return child;
    }
    throw new Error(`redis-server did not start:\n${lines.join('\n')}`);
  }

  async function kill(): Promise<void> {
    if (running.exitCode !== null || running.signalCode !== null) return;
    const gone = once(running, 'exit');
    running.kill('SIGKILL');
    await gone;
    children.delete(running);
  }

  return {
    port,
    async command(...parts) {
      const client = createClient({
        socket: { host: '127.0.0.1', port, reconnectStrategy: false },
      });
      client.on('error', () => undefined);
      await client.connect();
      try {
        return await client.sendCommand(parts);
      } finally {
        client.destroy();
      }
    },
    signal: (name) => void running.kill(name),
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

/** Starts a cluster of one node, which has all slots. */
export async function startRedisCluster(): Promise<RedisServer> {
  const node = await startRedis(
    ...['--cluster-enabled', 'yes'],
    ...['--cluster-announce-ip', '127.0.0.1'],
    ...['--cluster-port', String(await freePort())],
  );
  await node.command('cluster', 'addslotsrange', '0', '16383');
  while (!String(await node.command('cluster', 'info')).includes('cluster_state:ok')) {
    await setTimeout(50);
  }
  return node;
}

const inMemory = ['--save', '', '--appendonly', 'no', '--daemonize', 'no'];
