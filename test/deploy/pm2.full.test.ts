import { execFile } from 'node:child_process';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { setUp } from '../helpers/examples.js';
import { freePort } from '../helpers/free-port.js';

const exec = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));

/** The lines for a shell in the example's README: those that install, start and reload. */
async function linesOfReadme(): Promise<string[]> {
  const text = await readFile(join(root, 'examples/deploy/pm2/README.md'), 'utf8');
  const [, block = ''] = /```sh\n(.*?)\n```/s.exec(text) ?? [];
  return block.split('\n');
}

it(
  'the README of examples/deploy/pm2 reloads four instances without a second token request',
  {
    timeout: 600_000,
  },
  async ({ skip }) => {
    const { tt, folder, variables } = await setUp();
    const [install = '', names = '', ...others] = await linesOfReadme();
    expect(others).toHaveLength(2);

    const app = join(folder, 'app');
    await cp(join(root, 'examples/deploy/pm2'), app, { recursive: true });
    await writeFile(join(app, 'package.json'), '{"private":true}');
    const secret = join(folder, 'secret');
    await writeFile(secret, `${tt.apiSecret}\n`, { mode: 0o400 });
    const config = join(app, 'ecosystem.config.cjs');
    const here = (await readFile(config, 'utf8'))
      .replace('/etc/tt-service/secret', secret)
      .replace('/var/lib/tt-service/token.json', variables.TT_TOKEN_FILE ?? '');
    await writeFile(config, here);

    const port = await freePort();
    const env = {
      TT_BASE_URL: variables.TT_BASE_URL,
      PATH: [join(folder, 'global/bin'), process.env.PATH].join(delimiter),
      HOME: folder,
      PORT: String(port),
    };
    const toInstall = {
      ...process.env,
      npm_config_prefix: join(folder, 'global'),
      npm_config_ignore_scripts: 'true',
    };
    const shell = async (line: string, variables: NodeJS.ProcessEnv = env) =>
      (await exec('bash', ['-c', line], { cwd: app, env: variables })).stdout;
    const pm2 = (line: string) => shell(`${names.replace("'...'", tt.apiKey)}\n${line}`);

    try {
      await shell(install.replace('install tt-token-manager', `install ${root}`), toInstall);
    } catch (error) {
      if (process.env.CI === 'true') throw error;
      return skip('npm cannot install pm2 here: is there a network?');
    }
    onTestFinished(() => pm2('pm2 kill').then(() => undefined));

    /** The instances that are online, by process ID. */
    async function online(): Promise<number[]> {
      const list = JSON.parse(await pm2('pm2 jlist')) as {
        pid: number;
        pm2_env: { status: string };
      }[];
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

    await pm2(others[0] ?? '');
    const before = await online();
    expect(before).toHaveLength(4);
    await callAll();
    await pm2(others[1] ?? '');
    const after = await online();
    expect(after).toHaveLength(4);
    expect(after.filter((pid) => before.includes(pid))).toEqual([]);
    await callAll();
    expect(tt.tokenRequests).toHaveLength(1);
    expect(tt.requests.map(({ status }) => status)).toEqual(Array(16).fill(200));
  },
);
