import { fork, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
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
        children.map((child) => ask(child, command, { url: tt.url + markets, ...details })),
      ),
  };
}

/** Has a process run a command, beside others that it may be running. */
function ask(child: ChildProcess, command: string, details: object): Promise<Counts> {
  const id = randomUUID();
  return new Promise((resolve) => {
    child.on('message', function listen(answer: { id: string; counts: Counts }) {
      if (answer.id !== id) return;
      child.off('message', listen);
      resolve(answer.counts);
    });
    child.send({ id, command, details });
  });
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
    // Half of the requests are refused when the other half has long brought the new token.
    const latencyMs = 2_000;
    tt.configure({ apiLatencyMs: latencyMs });
    const answeredLate = all('many', { requests: 65 });
    await expect
      .poll(() => tt.requests.length - before, { interval: 5, timeout: 10_000 })
      .toBe(260);
    const slow = tt.requests.slice(before);
    tt.configure({ apiLatencyMs: 0 });
    expect(await all('many', { requests: 60 })).toEqual(
      Array.from({ length: 4 }, () => ({ 200: 60 })),
    );
    expect(await answeredLate).toEqual(Array.from({ length: 4 }, () => ({ 200: 65 })));

    expect(tt.tokenRequests).toHaveLength(2);
    const refused = tt.requests.filter(({ status }) => status === 401);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.every(({ token }) => token === old)).toBe(true);
    expect(tt.requests).toHaveLength(before + 500 + refused.length);

    const renewed = tt.requests.find(({ token }) => token === tt.tokenRequests[1]?.accessToken);
    const renewedAt = renewed?.at ?? Infinity;
    const late = slow.filter(({ at, status }) => status === 401 && at + latencyMs > renewedAt);
    expect(late.length).toBeGreaterThan(130);
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
