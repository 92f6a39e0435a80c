import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { run, setUp } from './helpers/examples.js';
import { expectNoSecrets } from './helpers/expect-no-secrets.js';

const root = fileURLToPath(new URL('..', import.meta.url));

/** A running example that serves metrics. */
interface Served {
  /** What a scrape gives. */
  scrape(): Promise<string>;
  /** Sends SIGTERM; gives the exit code. */
  end(): Promise<unknown>;
  readonly stderr: () => string;
}

/** Starts examples/opentelemetry.ts and waits until it serves. */
async function serve(variables: NodeJS.ProcessEnv): Promise<Served> {
  const { PATH, HOME } = process.env;
  const child = spawn(process.execPath, ['--import', 'tsx', 'examples/opentelemetry.ts'], {
    cwd: root,
    env: { PATH, HOME, METRICS_PORT: '0', ...variables },
  });
  const ended = once(child, 'exit');
  onTestFinished(() => void child.kill('SIGKILL'));
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  let stdout = '';
  for await (const text of child.stdout.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
    stdout += String(text);
    if (stdout.endsWith('\n')) break;
  }
  const url = /^metrics at (http:\/\/127\.0\.0\.1:\d+\/metrics)\n$/.exec(stdout)?.[1];
  if (url === undefined) throw new Error(`it serves nothing: ${stdout}${stderr}`);
  return {
    scrape: async () => (await fetch(url)).text(),
    async end() {
      child.kill('SIGTERM');
      return (await ended)[0] as unknown;
    },
    stderr: () => stderr,
  };
}

describe('examples/opentelemetry.ts', () => {
  it('serves the metrics of its manager, without a secret, until SIGTERM', async () => {
    const { tt, folder, variables } = await setUp();
    const { scrape, end, stderr } = await serve(variables);
    const metrics = await scrape();
    expect(metrics).toMatch(/^tt_token_manager_refreshes_total\{.*outcome="success".*\} 1$/m);
    expect(metrics).toMatch(/^tt_token_manager_token_time_until_expiry\{.*\} 86\d{3}$/m);
    const { apiKey, apiSecret, tokenRequests } = tt;
    const accessToken = tokenRequests[0]?.accessToken ?? '';
    expectNoSecrets({ apiKey, apiSecret, accessToken }, metrics);
    expect(await end()).toBe(0);
    expect(stderr()).toBe('');
    expect(await readdir(folder)).toEqual(['token.json']);
  });

  it('serves on without a token, and says why', async () => {
    const { variables } = await setUp();
    const { scrape, end, stderr } = await serve({ ...variables, TT_API_SECRET: 'wrong-secret' });
    expect(await scrape()).toMatch(
      /^tt_token_manager_refreshes_total\{.*error_type="CREDENTIALS_REJECTED".*\} 1$/m,
    );
    expect(await end()).toBe(0);
    expect(stderr()).toMatch(/^opentelemetry: TT refused the app key or secret \(401\)[^\n]*\n$/);
    expect(stderr()).not.toContain('wrong-secret');
  });
});

describe('examples/logging.ts', () => {
  it('logs the refresh and a call that succeeds', async () => {
    const { variables } = await setUp();
    const { exitCode, stdout, stderr } = await run('logging.ts', variables);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(linesOf(stdout)).toMatchObject([
      {
        level: 30,
        msg: 'refreshed',
        event: { reason: 'missing', durationMs: expect.any(Number) as unknown },
      },
      { level: 30, msg: 'GET markets', status: 200 },
    ]);
  });

  it('logs the request ID of a call that fails, and each event, without a secret', async () => {
    const { tt, variables } = await setUp();
    tt.failNextRequests({ status: 401, count: 2 });
    const { exitCode, stdout, stderr } = await run('logging.ts', variables);
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: '' });
    const requestId = tt.requests[1]?.requestId;
    expect(requestId).toMatch(/^My_App-Acme_Co--/);
    expect(linesOf(stdout)).toMatchObject([
      { msg: 'refreshed', event: { reason: 'missing' } },
      { level: 40, msg: 'rejected', event: { willRefresh: true } },
      { msg: 'refreshed', event: { reason: 'refused' } },
      { level: 40, msg: 'rejected', event: { willRefresh: false } },
      { level: 50, msg: 'GET markets failed', status: 401, requestId },
    ]);
    const { apiKey, apiSecret, tokenRequests } = tt;
    const [first = '', second = ''] = tokenRequests.map(({ accessToken }) => accessToken);
    expect(second).not.toBe('');
    expectNoSecrets({ apiKey, apiSecret, first, second }, stdout);
  });

  it('logs why there is no token', async () => {
    const { variables } = await setUp();
    const { exitCode, stdout } = await run('logging.ts', { ...variables, TT_API_SECRET: 'wrong' });
    expect(exitCode).toBe(1);
    expect(linesOf(stdout)).toMatchObject([
      {
        level: 50,
        msg: 'refreshFailed',
        event: { code: 'CREDENTIALS_REJECTED', responseStatus: 401 },
      },
      { level: 50, msg: 'GET markets failed', code: 'CREDENTIALS_REJECTED' },
    ]);
  });
});

/** The lines of a log, parsed. */
function linesOf(log: string): unknown[] {
  return log
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line));
}
