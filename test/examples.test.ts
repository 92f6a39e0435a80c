import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { describeWithRedis } from './helpers/describe-with-redis.js';
import { run, runAsReader, setUp } from './helpers/examples.js';
import { hasGnomeKeyring, startGnomeKeyring } from './helpers/gnome-keyring.js';
import { startRedis } from './helpers/redis-server.js';

describe('examples/get-token.ts', () => {
  it('gets one token, which the next run finds in the file, and prints no secret', async () => {
    const { tt, variables } = await setUp();
    for (const { exitCode, stdout, stderr } of [
      await runAsReader('get-token.ts', variables),
      await run('get-token.ts', variables),
    ]) {
      expect(stderr).toBe('');
      expect(exitCode).toBe(0);
      const id = /^request ID (My_App-Acme_Co--[-0-9a-f]{36})$/m.exec(stdout)?.[1] ?? 'none';
      expect(stdout).toMatch(/^token {6}valid until \d{4}-\d\d-\d\dT[\d:.]+Z$/m);
      expect(stdout).toContain(`GET ${tt.url}/ttpds/ext_uat_cert/markets?requestId=${id}\n`);
      expect(stdout).toMatch(/^headers +x-api-key, authorization /m);
      for (const secret of [tt.apiKey, tt.apiSecret, tt.tokenRequests[0]?.accessToken]) {
        expect(stdout).not.toContain(secret);
      }
    }
    expect(tt.tokenRequests).toHaveLength(1);
  });

  it('names the variables that are missing, in one line, and exits with 2', async () => {
    expect(await run('get-token.ts', { TT_API_KEY: 'key' })).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: 'get-token: TT_API_SECRET, TT_APP_NAME, TT_COMPANY_NAME must be set\n',
    });
  });

  it('says in one line that the credentials are refused, and exits with 1', async () => {
    const { tt, variables } = await setUp();
    const refused = await run('get-token.ts', { ...variables, TT_API_SECRET: 'wrong-secret' });
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toMatch(/^get-token: [^\n]+\n$/);
    expect(refused.stderr).not.toContain('wrong-secret');
    expect(tt.tokenRequests).toHaveLength(1);
  });
});

describe('examples/cluster.ts', () => {
  it('serves the callers of four workers at the price of one token request', async () => {
    const { tt, folder, variables } = await setUp();
    const { exitCode, stdout, stderr } = await run('cluster.ts', variables);
    expect(stderr).toBe('');
    expect(exitCode).toBe(0);
    expect(stdout.match(/^worker \d served 25 callers with 1 token$/gm)).toHaveLength(4);
    expect(stdout.match(/^worker \d fetched the token$/gm)).toHaveLength(1);
    expect(stdout.match(/^worker \d found the token in the file$/gm)).toHaveLength(3);
    expect(tt.tokenRequests).toHaveLength(1);
    expect(await readdir(folder)).toEqual(['token.json']);
  });

  it('says in one line a worker why it got no token, and exits with 1', async () => {
    const { variables } = await setUp();
    const wrong = { ...variables, TT_API_SECRET: 'wrong-secret' };
    const { exitCode, stdout, stderr } = await run('cluster.ts', wrong);
    expect([exitCode, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^(worker \d: [^\n]+\n){4}$/);
    expect(stderr).not.toContain('wrong-secret');
  });

  it('names the variables that are missing, in one line, and exits with 2', async () => {
    const { exitCode, stderr } = await run('cluster.ts', {});
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/^cluster: TT_API_KEY, [^\n]+ must be set\n$/);
  });
});

describe('examples/encrypted-file.ts', () => {
  it('keeps the token in a file that shows nothing of it, and finds it there again', async () => {
    const { tt, folder, variables } = await setUp();
    const KEY_FILE = join(folder, 'key.txt');
    await writeFile(KEY_FILE, `${randomBytes(32).toString('base64')}\n`);
    for (let turn = 0; turn < 2; turn++) {
      const { exitCode, stdout, stderr } = await run('encrypted-file.ts', {
        ...variables,
        KEY_FILE,
      });
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
      expect(stdout).toMatch(/^token valid until \d{4}-\d\d-\d\dT[\d:.]+Z\n$/);
    }
    expect(tt.tokenRequests).toHaveLength(1);
    expect(await readFile(join(folder, 'token.json'), 'utf8')).toMatch(/^tt-sealed-1:[\w-]+$/);
    expect((await readdir(folder)).sort()).toEqual(['key.txt', 'token.json']);
  });

  it('works on and says so where the key cannot be had', async () => {
    const { tt, folder, variables } = await setUp();
    const { exitCode, stdout, stderr } = await run('encrypted-file.ts', {
      ...variables,
      KEY_FILE: join(folder, 'missing'),
    });
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^token valid until /);
    expect(stderr).toMatch(
      /^lock: encryptionKey could not be read: ENOENT[^\n]*\nwrite: [^\n]+\n$/,
    );
    expect(tt.tokenRequests).toHaveLength(1);
  });
});

describeWithRedis('examples/redis.ts', () => {
  it('keeps the token in Redis, and the next run finds it there', async () => {
    const { tt, folder, variables } = await setUp();
    const redis = await startRedis();
    onTestFinished(() => redis.stop());
    const REDIS_URL = `redis://127.0.0.1:${redis.port}`;
    for (const how of ['token fetched', 'token found in Redis']) {
      const { exitCode, stdout, stderr } = await run('redis.ts', { ...variables, REDIS_URL });
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
      expect(stdout.split('\n')[0]).toBe(how);
      expect(stdout).toMatch(/\ntoken valid until \d{4}-\d\d-\d\dT[\d:.]+Z\n$/);
    }
    expect(tt.tokenRequests).toHaveLength(1);
    expect(await redis.command('keys', '*')).toEqual([
      expect.stringMatching(/^tt-token:.*:record$/),
    ]);
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('examples/redis.ts', () => {
  it('works on in memory where there is no Redis, and says so', async () => {
    const { tt, variables } = await setUp();
    // Nobody listens on the discard port.
    const ended = await run('redis.ts', { ...variables, REDIS_URL: 'redis://127.0.0.1:9' });
    expect(ended.exitCode).toBe(0);
    expect(ended.stdout).toMatch(/^token fetched\ntoken valid until /);
    expect(ended.stderr).toMatch(/^read: connect ECONNREFUSED 127\.0\.0\.1:9\nlock: [^\n]+\n/);
    expect(tt.tokenRequests).toHaveLength(1);
  });

  it('names the variables that are missing, in one line, and exits with 2', async () => {
    const { exitCode, stderr } = await run('redis.ts', {});
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/^redis: TT_API_KEY, [^\n]+ must be set\n$/);
  });
});

describe('examples/keyring.ts', () => {
  it.skipIf(!hasGnomeKeyring())(
    'takes all from the keyring, and keeps the token there',
    async () => {
      const { tt, folder, variables } = await setUp();
      const { TT_API_KEY, TT_API_SECRET, TT_TOKEN_FILE, ...rest } = variables;
      const session = await startGnomeKeyring();
      onTestFinished(() => session.end());
      const env = { ...rest, ...session.variables };
      const login = `${TT_API_KEY}:${TT_API_SECRET}`;
      execFileSync(process.execPath, ['dist/tt-token.js', 'login'], { env, input: login });
      for (let turn = 0; turn < 2; turn++) {
        const { exitCode, stdout, stderr } = await run('keyring.ts', env);
        expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
        expect(stdout).toMatch(/^token valid until \d{4}-\d\d-\d\dT[\d:.]+Z\n$/);
      }
      expect(tt.tokenRequests).toHaveLength(1);
      expect(TT_TOKEN_FILE).toContain(folder);
      expect(await readdir(folder)).toEqual([]);
    },
  );

  it.runIf(process.platform === 'linux')('says in one line that there is no keyring', async () => {
    expect(await run('keyring.ts', { TT_APP_NAME: 'App', TT_COMPANY_NAME: 'Co' })).toEqual({
      exitCode: 2,
      stdout: '',
      stderr:
        'keyring: the system keyring cannot be used (there is no D-Bus session): ' +
        'use a token file, encrypted if need be\n',
    });
  });
});

describe('npm run demo', () => {
  it('keeps every promise and prints the table', async () => {
    const { exitCode, stdout, stderr } = await run('demo/demo.ts', {}, 110_000);
    const count = (row: string): number =>
      Number(new RegExp(`^ {2,}${row} +(\\d+)`, 'm').exec(stdout)?.[1]);
    expect(stderr).toBe('');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^ +[\d.]+ s {2}the API revokes token 2/m);
    expect(stdout).toMatch(/^ +[\d.]+ s {2}.*worker-\d gets SIGKILL/m);
    expect(stdout).toMatch(/^ {2}callers served +120 of 120$/m);
    for (const client of ['axios', 'ky', 'fetch']) {
      expect(count(`calls answered, ${client}`)).toBeGreaterThan(40);
    }
    expect(count('calls refused with 401')).toBeGreaterThan(0);
    expect(count('calls that failed')).toBe(0);
    expect(count('for the revocation')).toBe(1);
    expect(count('after the kill')).toBe(1);
    expect(count('token requests made')).toBe(count('tokens used') + 1);
    expect(stdout.trimEnd().endsWith('Every promise was kept.')).toBe(true);
  });
});
