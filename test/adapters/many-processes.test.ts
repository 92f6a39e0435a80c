import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { startFakeTT, type FakeTT } from '../../src/testing/index.js';

const script = fileURLToPath(new URL('adapter-worker.mjs', import.meta.url));
const markets = '/ttpds/ext_uat_cert/markets';

/** How often each status, or failure, came. */
type Counts = Record<string, number>;

/** A stand-in and four processes with one token file; `all` has each of them run a command. */
async function setUp(): Promise<{
  tt: FakeTT;
  all: (command: string, details: object) => Promise<Counts[]>;
}> {
  const tt = await startFakeTT();
  const folder = await mkdtemp(join(tmpdir(), 'tt-token-'));
  const { url: baseUrl, apiKey, apiSecret } = tt;
  const children = ['a', 'b', 'c', 'd'].map((name) => {
    const tokenFile = join(folder, 'token.json');
    const options = { baseUrl, apiKey, apiSecret, appName: name, companyName: 'Tests', tokenFile };
    return fork(script, [JSON.stringify(options)]);
  });
  onTestFinished(async () => {
    await Promise.all(
      children.map(async (child) => {
        const gone = once(child, 'exit');
        if (child.kill('SIGKILL')) await gone;
      }),
    );
    await tt.close();
    await rm(folder, { recursive: true, force: true });
  });
  await Promise.all(children.map((child) => once(child, 'message')));
  return {
    tt,
    all: (command, details) =>
      Promise.all(
        children.map(async (child) => {
          const answered = once(child, 'message');
          child.send({ command, details: { url: tt.url + markets, ...details } });
          const [counts] = (await answered) as [Counts];
          return counts;
        }),
      ),
  };
}

it(
  '500 requests of 4 processes share one refresh, and refusals that come late cost none',
  { timeout: 60_000 },
  async () => {
    const { tt, all } = await setUp();
    expect(await all('many', { requests: 3 })).toEqual(
      Array.from({ length: 4 }, () => ({ 200: 3 })),
    );
    expect(tt.tokenRequests).toHaveLength(1);

    const old = tt.tokenRequests[0]?.accessToken;
    const before = tt.requests.length;
    tt.revokeAll();
    // Half of the refusals come when the new token has long been there.
    tt.configure({ apiLatencyMs: 1_500 });
    const answered = all('many', { requests: 125 });
    await expect
      .poll(() => tt.requests.length - before, { interval: 5, timeout: 10_000 })
      .toBeGreaterThan(250);
    tt.configure({ apiLatencyMs: 0 });

    expect(await answered).toEqual(Array.from({ length: 4 }, () => ({ 200: 125 })));
    expect(tt.tokenRequests).toHaveLength(2);
    const refused = tt.requests.filter(({ status }) => status === 401);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.every(({ token }) => token === old)).toBe(true);
    expect(tt.requests).toHaveLength(before + 500 + refused.length);
  },
);

it(
  'a permanent 401 under a plug-in that retries everything is spaced among 4 processes',
  { timeout: 60_000 },
  async () => {
    const { tt, all } = await setUp();
    await all('many', { requests: 1 });
    tt.failNextRequests({ status: 401, count: Infinity });
    const startedAt = performance.now();
    expect(await all('retrying', { requests: 5, retries: 40 })).toEqual(
      Array.from({ length: 4 }, () => ({ 401: 5 })),
    );
    const seconds = (performance.now() - startedAt) / 1_000;
    // At once, and then not before 1 s, 2 s, 4 s … after the one before: n refreshes take 2^(n-1) - 1 seconds.
    const mostRefreshes = 1 + Math.floor(Math.log2(seconds + 1));
    expect(tt.requests.length).toBeGreaterThan(4 * 5 * 40);
    expect(tt.tokenRequests.length).toBeGreaterThanOrEqual(2);
    expect(tt.tokenRequests.length).toBeLessThanOrEqual(1 + mostRefreshes);
  },
);
