import { execFile } from 'node:child_process';
import { cp, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { setUp } from '../helpers/examples.js';
import { freePort } from '../helpers/free-port.js';

const exec = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));

/** The path of pm2's command, installed in a folder of its own; undefined where npm cannot get it. */
async function installPm2(folder: string): Promise<string | undefined> {
  const install = ['install', 'pm2@7', '--ignore-scripts', '--prefer-offline', '--no-save'];
  await writeFile(join(folder, 'package.json'), '{"private":true}');
  try {
    await exec('npm', install, { cwd: folder });
    return join(folder, 'node_modules/pm2/bin/pm2');
  } catch (error) {
    if (process.env.CI === 'true') throw error;
    return undefined;
  }
}

it(
  'PM2 reloads four instances of examples/deploy/pm2 without a second token request',
  {
    timeout: 600_000,
  },
  async ({ skip }) => {
    const { tt, folder, variables } = await setUp();
    const command = await installPm2(folder);
    if (command === undefined) return skip('npm cannot install pm2 here: is there a network?');

    const app = join(folder, 'app');
    await cp(join(root, 'examples/deploy/pm2'), app, { recursive: true });
    await mkdir(join(app, 'node_modules'));
    await symlink(root, join(app, 'node_modules/tt-token-manager'));
    await writeFile(join(folder, 'secret'), `${tt.apiSecret}\n`, { mode: 0o400 });
    await writeFile(
      join(app, 'here.config.cjs'),
      `const { apps: [app] } = require('./ecosystem.config.cjs');
     const env = ${JSON.stringify({ TT_API_SECRET_FILE: join(folder, 'secret'), TT_TOKEN_FILE: variables.TT_TOKEN_FILE })};
     module.exports = { apps: [{ ...app, env }] };`,
    );

    const port = await freePort();
    const { TT_API_SECRET, TT_TOKEN_FILE, ...rest } = variables;
    const env = {
      ...rest,
      PATH: process.env.PATH,
      HOME: folder,
      PM2_HOME: join(folder, 'pm2'),
      PORT: String(port),
    };
    const pm2 = async (...words: string[]) =>
      (await exec(process.execPath, [command, ...words], { cwd: app, env })).stdout;
    onTestFinished(() => pm2('kill').then(() => undefined));

    /** The instances that are online, by process ID. */
    async function online(): Promise<number[]> {
      const list = JSON.parse(await pm2('jlist')) as { pid: number; pm2_env: { status: string } }[];
      return list.filter(({ pm2_env }) => pm2_env.status === 'online').map(({ pid }) => pid);
    }

    async function callAll(): Promise<void> {
      for (let call = 0; call < 8; call++) {
        const response = await fetch(`http://127.0.0.1:${port}/`, {
          headers: { connection: 'close' },
        });
        expect(await response.text()).toMatch(/^\d+ 200\n$/);
      }
    }

    await pm2('start', 'here.config.cjs');
    const before = await online();
    expect(before).toHaveLength(4);
    await callAll();
    await pm2('reload', 'tt-service');
    const after = await online();
    expect(after).toHaveLength(4);
    expect(after.filter((pid) => before.includes(pid))).toEqual([]);
    await callAll();
    expect(tt.tokenRequests).toHaveLength(1);
    expect(tt.requests.map(({ status }) => status)).toEqual(Array(16).fill(200));
    expect(JSON.stringify([TT_API_SECRET, TT_TOKEN_FILE])).not.toContain('undefined');
  },
);
