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
function run(example: string, variables: NodeJS.ProcessEnv): Promise<Ended> {
  const { PATH, HOME, TMPDIR } = process.env;
  const env = { PATH, HOME, TMPDIR, ...variables };
  const script = join('examples', example);
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ['--import', 'tsx', script],
      { cwd: root, env, timeout: 25_000 },
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

function expectNoSecret(text: string, tt: FakeTT): void {
  const tokens = tt.tokenRequests.map(({ accessToken }) => accessToken);
  for (const secret of [tt.apiKey, tt.apiSecret, ...tokens]) {
    if (secret !== undefined) expect(text).not.toContain(secret);
  }
}

describe.each([
  ['axios.ts', 'GET markets 200\n'],
  ['ky.ts', 'GET markets 200\n'],
  ['ky-hooks.ts', 'a response came in\nGET markets 200\n'],
  ['fetch.ts', 'GET markets 200\n'],
])('examples/%s', (example, output) => {
  it('calls the API with one token request, and prints no secret', async () => {
    const { tt, folder, variables } = await setUp();
    expect(await run(example, variables)).toEqual({ exitCode: 0, stdout: output, stderr: '' });
    expect(tt.tokenRequests).toHaveLength(1);
    expect(tt.requests.map(({ path, status }) => [path, status])).toEqual([
      ['/ttpds/ext_uat_cert/markets', 200],
    ]);
    expectNoSecret(output, tt);
    expect(await readdir(folder)).toEqual(['token.json']);
  });

  it('names the variables that are missing, in one line, and exits with 1', async () => {
    const { exitCode, stdout, stderr } = await run(example, { TT_API_KEY: 'key' });
    expect([exitCode, stdout]).toEqual([1, '']);
    expect(stderr).toBe(
      `${example.replace('.ts', '')}: TT_API_SECRET, TT_APP_NAME, TT_COMPANY_NAME must be set\n`,
    );
  });
});

describe('examples/share-one-manager.ts', () => {
  it('serves three clients at once with one token request', async () => {
    const { tt, variables } = await setUp();
    const { exitCode, stdout, stderr } = await run('share-one-manager.ts', variables);
    expect(stderr).toBe('');
    expect(exitCode).toBe(0);
    expect(stdout).toBe('axios, ky, fetch 200, 200, 200\ntoken requests   1\n');
    expect(tt.tokenRequests).toHaveLength(1);
    expect(new Set(tt.requests.map(({ requestId }) => requestId)).size).toBe(3);
    expectNoSecret(stdout, tt);
  });
});

describe('examples/multi-worker.ts', () => {
  it('serves four processes with one token request', async () => {
    const { tt, folder, variables } = await setUp();
    const { exitCode, stdout, stderr } = await run('multi-worker.ts', variables);
    expect(stderr).toBe('');
    expect(exitCode).toBe(0);
    expect(new Set(stdout.match(/^worker-[1-4] GET markets 200$/gm)).size).toBe(4);
    expect(stdout.match(/^worker-\d fetched the token$/gm)).toHaveLength(1);
    expect(tt.tokenRequests).toHaveLength(1);
    expect(tt.requests).toHaveLength(4);
    expectNoSecret(stdout, tt);
    expect(await readdir(folder)).toEqual(['token.json']);
  });

  it('names the variables that are missing once, and exits with 1', async () => {
    const { exitCode, stderr } = await run('multi-worker.ts', {});
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^multi-worker: TT_API_KEY, [^\n]+ must be set\n$/);
  });
});

describe('examples/handle-errors.ts', () => {
  it('prints the status when nothing goes wrong', async () => {
    const { tt, variables } = await setUp();
    const ended = await run('handle-errors.ts', variables);
    expect(ended).toEqual({ exitCode: 0, stdout: 'GET markets 200\n', stderr: '' });
    expect(tt.tokenRequests).toHaveLength(1);
  });

  it('tells refused credentials by their code, and sends no API call', async () => {
    const { tt, variables } = await setUp();
    const wrong = { ...variables, TT_API_SECRET: 'wrong-secret' };
    const { exitCode, stdout, stderr } = await run('handle-errors.ts', wrong);
    expect(stderr).toBe('');
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/^CREDENTIALS_REJECTED: [^\n]+\n$/);
    expect(stdout).not.toContain('wrong-secret');
    expectNoSecret(stdout, tt);
    expect(tt.tokenRequests).toHaveLength(1);
    expect(tt.requests).toHaveLength(0);
  });

  it('tells a token endpoint that asks for a pause, and until when', async () => {
    const { tt, variables } = await setUp();
    tt.failNextTokenRequests({ status: 429, count: Infinity, retryAfterSeconds: 60 });
    const { exitCode, stdout, stderr } = await run('handle-errors.ts', variables);
    expect([exitCode, stderr]).toEqual([1, '']);
    expect(stdout).toMatch(/^TOKEN_RATE_LIMITED: try again at \d{4}-\d\d-\d\dT[\d:.]+Z\n$/);
    expect(tt.tokenRequests).toHaveLength(1);
  });

  it("tells the client's own HTTP error from them", async () => {
    const { tt, variables } = await setUp();
    tt.failNextRequests({ status: 500, count: 1 });
    const { exitCode, stdout, stderr } = await run('handle-errors.ts', variables);
    expect([exitCode, stderr]).toEqual([1, '']);
    expect(stdout).toBe('the API call failed: 500\n');
    expect(tt.tokenRequests).toHaveLength(1);
  });
});

describe('examples/test-your-app.ts', () => {
  it('runs by itself and says that the application went on', async () => {
    expect(await run('test-your-app.ts', {})).toEqual({
      exitCode: 0,
      stdout: 'refused once, served twice, 2 token requests\n',
      stderr: '',
    });
  });
});
