/*
 * npm run test:stale-lock [-- <rounds>]
 *
 * In each round 16 processes find the lock of a process that was killed. Exactly one of them may ask the endpoint.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startFakeTT } from '../../src/testing/index.js';
import { fingerprint } from '../../src/tt/credentials.js';

const rounds = Number(process.argv[2] ?? 1_000);
const processes = 16;
const script = fileURLToPath(new URL('stale-lock-worker.mjs', import.meta.url));

const tt = await startFakeTT({ latencyMs: 10 });
const base = await mkdtemp(join(tmpdir(), 'tt-token-stale-'));
const tokenFiles = Array.from({ length: rounds }, (_, round) =>
  join(base, String(round), 'token.json'),
);
const children: ChildProcess[] = [];

async function startChild(details: object): Promise<ChildProcess> {
  const env = { ...process.env, STALE_LOCK: JSON.stringify(details) };
  const child = fork(script, { execArgv: [], env });
  children.push(child);
  await once(child, 'message');
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

const waits: number[] = [];
const wrong: string[] = [];
try {
  const { apiKey, apiSecret, url } = tt;
  const identity = { environment: 'UAT', baseUrl: `${url}/`, keyFingerprint: fingerprint(apiKey) };
  await end(await startChild({ identity, paths: tokenFiles }));
  const options = { apiKey, apiSecret, baseUrl: url, appName: 'Stale', companyName: 'Tests' };
  const askers = await Promise.all(
    Array.from({ length: processes }, () => startChild({ options })),
  );
  for (const [round, tokenFile] of tokenFiles.entries()) {
    const before = tt.tokenRequests.length;
    const startedAt = performance.now();
    const answers = await Promise.all(
      askers.map(async (child) => {
        const answered = once(child, 'message');
        child.send(tokenFile);
        return ((await answered) as [string])[0];
      }),
    );
    waits.push(performance.now() - startedAt);
    const requests = tt.tokenRequests.length - before;
    const tokens = new Set(answers);
    const files = (await readdir(join(base, String(round)))).join(' ');
    if (requests !== 1 || tokens.size !== 1 || files !== 'token.json')
      wrong.push(
        `round ${round}: ${requests} requests, ${[...tokens].join(' | ')}, files ${files}`,
      );
    if (process.stderr.isTTY) process.stderr.write(`${round + 1}/${rounds}\r`);
  }
} finally {
  await Promise.all(
    children
      .filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null)
      .map(end),
  );
  await tt.close();
  await rm(base, { recursive: true, force: true });
}

waits.sort((one, other) => one - other);
console.log(
  `${rounds} rounds of ${processes} processes and a dead process's lock: ${rounds - wrong.length} with exactly one ` +
    `token request; all served after ${Math.round(waits[rounds >> 1] ?? 0)} ms median, ${Math.round(waits.at(-1) ?? 0)} ms at the most`,
);
for (const line of wrong.slice(0, 20)) console.error(line);
if (wrong.length > 0) process.exitCode = 1;
