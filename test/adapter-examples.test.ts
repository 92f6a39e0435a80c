import { readdir } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { FakeTT } from '../src/testing/index.js';
import { run, setUp } from './helpers/examples.js';

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
});

describe.each([
  'axios.ts',
  'ky.ts',
  'ky-hooks.ts',
  'fetch.ts',
  'share-one-manager.ts',
  'multi-worker.ts',
  'paced-workers.ts',
  'handle-errors.ts',
])('examples/%s', (example) => {
  it('names the variables that are missing, in one line, and exits with 1', async () => {
    expect(await run(example, { TT_API_KEY: 'key' })).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: `${example.replace('.ts', '')}: TT_API_SECRET, TT_APP_NAME, TT_COMPANY_NAME must be set\n`,
    });
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
    expect([exitCode, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^handle-errors: CREDENTIALS_REJECTED: [^\n]+\n$/);
    expect(stderr).not.toContain('wrong-secret');
    expectNoSecret(stderr, tt);
    expect(tt.tokenRequests).toHaveLength(1);
    expect(tt.requests).toHaveLength(0);
  });

  it('tells a token endpoint that asks for a pause, and until when', async () => {
    const { tt, variables } = await setUp();
    tt.failNextTokenRequests({ status: 429, count: Infinity, retryAfterSeconds: 60 });
    const { exitCode, stdout, stderr } = await run('handle-errors.ts', variables);
    expect([exitCode, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(
      /^handle-errors: TOKEN_RATE_LIMITED: try again at \d{4}-\d\d-\d\dT[\d:.]+Z\n$/,
    );
    expect(tt.tokenRequests).toHaveLength(1);
  });

  it("tells the client's own HTTP error from them", async () => {
    const { tt, variables } = await setUp();
    tt.failNextRequests({ status: 500, count: 1 });
    const { exitCode, stdout, stderr } = await run('handle-errors.ts', variables);
    expect([exitCode, stdout]).toEqual([1, '']);
    const requestId = tt.requests.at(-1)?.requestId;
    expect(stderr).toBe(
      `handle-errors: the API call failed: 500; request ID for TT's support: ${requestId}\n`,
    );
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
