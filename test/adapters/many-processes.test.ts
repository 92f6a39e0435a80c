import { fork, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { startFakeTT, type FakeTT } from '../../src/testing/index.js';
import { markets, startServer } from './setup.js';

const script = fileURLToPath(new URL('adapter-worker.mjs', import.meta.url));

/** How often each status, or failure, came. */
type Counts = Record<string, number>;

/** A stand-in and four processes with one token file; `all` has each of them run a command. */
async function setUp(...trustedOrigins: readonly string[]): Promise<{
  tt: FakeTT;
  all: (command: string, details: object) => Promise<Counts[]>;
}> {
  const tt = await startFakeTT();
  const folder = await mkdtemp(join(tmpdir(), 'tt-token-'));
  const { url: baseUrl, apiKey, apiSecret } = tt;
  const children = ['a', 'b', 'c', 'd'].map((name) => {
    const tokenFile = join(folder, 'token.json');
    const access = { baseUrl, apiKey, apiSecret, trustedOrigins };
    const options = { ...access, appName: name, companyName: 'Tests', tokenFile };
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

it('500 requests of 4 processes share one refresh, and refusals that come late cost none', async () => {
  let arrived = 0;
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  const slow = await startServer(({ url = '', headers }, answer) => {
    const { authorization = '', 'x-api-key': apiKey = '' } = headers;
    const sent = { authorization, 'x-api-key': String(apiKey) };
    void fetch(tt.url + url, { headers: sent }).then(async (response) => {
      const text = await response.text();
      arrived++;
      await held;
      answer.writeHead(response.status).end(text);
    });
  });
  const { tt, all } = await setUp(slow.url);
  expect(await all('many', { requests: 3 })).toEqual(Array.from({ length: 4 }, () => ({ 200: 3 })));
  expect(tt.tokenRequests).toHaveLength(1);

  const old = tt.tokenRequests[0]?.accessToken;
  const before = tt.requests.length;
  tt.revokeAll();
  // Half of the requests are refused when the other half has long brought the new token.
  const answeredLate = all('many', { requests: 65, url: slow.url + markets });
  await expect.poll(() => arrived, { interval: 5 }).toBe(260);
  expect(await all('many', { requests: 60 })).toEqual(
    Array.from({ length: 4 }, () => ({ 200: 60 })),
  );
  expect(tt.tokenRequests).toHaveLength(2);
  release();
  expect(await answeredLate).toEqual(Array.from({ length: 4 }, () => ({ 200: 65 })));

  expect(tt.tokenRequests).toHaveLength(2);
  const refused = tt.requests.filter(({ status }) => status === 401);
  expect(refused.length).toBeGreaterThan(260);
  expect(refused.every(({ token }) => token === old)).toBe(true);
  expect(tt.requests).toHaveLength(before + 500 + refused.length);
});

it('a permanent 401 under a plug-in that retries everything is spaced among 4 processes', async () => {
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
});
