import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startFakeTT, type FakeTT } from '../src/testing/index.js';

const root = fileURLToPath(new URL('..', import.meta.url));

interface Ended {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs an example as its reader would, with nothing but the given variables. */
function run(example: string, variables: NodeJS.ProcessEnv, timeout = 25_000): Promise<Ended> {
  const { PATH, HOME, TMPDIR } = process.env;
  const env = { PATH, HOME, TMPDIR, ...variables };
  const script = join('examples', example);
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ['--import', 'tsx', script],
      { cwd: root, env, timeout },
      (_error, stdout, stderr) => resolve({ exitCode: child.exitCode ?? -1, stdout, stderr }),
    );
  });
}

/** A stand-in, the variables that lead to it, and the folder of the token file; gone after the test. */
async function setUp(): Promise<{ tt: FakeTT; folder: string; variables: NodeJS.ProcessEnv }> {
  const tt = await startFakeTT();
  const folder = await mkdtemp(join(tmpdir(), 'tt-token-examples-'));
  onTestFinished(async () => {
    await tt.close();
    await rm(folder, { recursive: true, force: true });
  });
  const variables = {
    TT_API_KEY: tt.apiKey,
    TT_API_SECRET: tt.apiSecret,
    TT_APP_NAME: 'My App',
    TT_COMPANY_NAME: 'Acme Co',
    TT_BASE_URL: tt.url,
    TT_TOKEN_FILE: join(folder, 'token.json'),
  };
  return { tt, folder, variables };
}

describe('examples/get-token.ts', () => {
  it('gets one token, which the next run finds in the file, and prints no secret', async () => {
    const { tt, variables } = await setUp();
    for (const { exitCode, stdout, stderr } of [
      await run('get-token.ts', variables),
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

  it('names the variables that are missing, in one line, and exits with 2', async () => {
    const { exitCode, stderr } = await run('cluster.ts', {});
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/^cluster: TT_API_KEY, [^\n]+ must be set\n$/);
  });
});

describe('npm run demo', () => {
  it('keeps every promise and prints the table', { timeout: 60_000 }, async () => {
    const { exitCode, stdout, stderr } = await run('demo/demo.ts', {}, 55_000);
    expect(stderr).toBe('');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^ +[\d.]+ s {2}worker-\d gets SIGKILL/m);
    expect(stdout).toMatch(/^ {2}callers served +125 of 125$/m);
    expect(stdout).toMatch(/^ {2}API calls refused +0$/m);
    expect(stdout).toMatch(/^ {2}token requests after the kill +1$/m);
    expect(stdout.trimEnd().endsWith('Every promise was kept.')).toBe(true);
    const count = (row: string): number =>
      Number(new RegExp(`^ {2}${row} +(\\d+)`, 'm').exec(stdout)?.[1]);
    expect(count('token requests made')).toBe(count('token lifetimes spanned') + 1);
  });
});
