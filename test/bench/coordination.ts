/*
 * Shows what the coordination of processes costs, with real processes, files and requests:
 * `npm run bench:coordination [-- <part of a scenario's name>]`. Counts are exact; milliseconds want a quiet machine.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTokenManager, memoryStore } from '../../src/index.js';
import { startFakeTT, type FakeTT } from '../../src/testing/index.js';
import { optionsFor, startWorker, type Served, type TestWorker } from '../processes/workers.js';

const rounds = Number(process.env.ROUNDS ?? 20);
/** A part of a scenario's name, to run no other. */
const only = process.argv[2] ?? '';

interface Round {
  readonly requests: number;
  readonly failures: number;
  readonly lastServedMs: number;
}

const scenarios: Record<string, () => Promise<Round>> = {
  '16 processes x 50 callers, empty file': () => startTogether(16, 86_400),
  '16 processes x 50 callers, expired file': () => startTogether(16, 86_400, true),
  '64 processes x 50 callers, empty file': () => startTogether(64, 86_400),
  '64 processes x 50 callers, expired file': () => startTogether(64, 86_400, true),
  'SIGKILL of the refresher, 16 waiting': () => killRefresher(16),
};

async function startTogether(
  count: number,
  lifetimeSeconds: number,
  expired = false,
): Promise<Round> {
  return withWorkers(count, async (tt, workers) => {
    if (expired) {
      tt.configure({ tokenLifetimeSeconds: 0.5 });
      const first = await workers[0]?.get();
      const expiresAt = (first?.startedAt ?? 0) + 700;
      await new Promise((resolve) => setTimeout(resolve, expiresAt - Date.now()));
      tt.configure({ tokenLifetimeSeconds: lifetimeSeconds });
    }
    const before = tt.tokenRequests.length;
    const startedAt = Date.now();
    const served = await Promise.all(workers.map((worker) => worker.get({ callers: 50 })));
    return measure(served, startedAt, tt.tokenRequests.length - before);
  });
}

async function killRefresher(count: number): Promise<Round> {
  return withWorkers(count + 1, async (tt, workers) => {
    const release = tt.holdTokenRequests();
    const calls = new Map(workers.map((worker) => [worker, worker.get({ callers: 50 })]));
    await tt.waitForTokenRequests(1);
    const requestId = tt.tokenRequests[0]?.requestId ?? '';
    const holder = workers.find(({ name }) => requestId.startsWith(`${name}-`));
    if (!holder) throw new Error('nobody sent the token request');
    await Promise.all(workers.map((worker) => worker.status()));
    calls.delete(holder);
    release();
    const killedAt = Date.now();
    await holder.kill();
    return measure(await Promise.all(calls.values()), killedAt, tt.tokenRequests.length - 1);
  });
}

function measure(served: readonly Served[], startedAt: number, requests: number): Round {
  return {
    requests,
    failures: served.reduce((sum, { errors }) => sum + errors.length, 0),
    lastServedMs: Math.max(...served.map(({ finishedAt }) => finishedAt)) - startedAt,
  };
}

async function withWorkers<Result>(
  count: number,
  run: (tt: FakeTT, workers: readonly TestWorker[]) => Promise<Result>,
): Promise<Result> {
  const tt = await startFakeTT({ latencyMs: 50 });
  const folder = await mkdtemp(join(tmpdir(), 'tt-token-bench-'));
  const tokenFile = join(folder, 'token.json');
  const workers: TestWorker[] = [];
  try {
    const starting = Array.from({ length: count }, (_, index) =>
      startWorker({ ...optionsFor(tt, `w${index}x`, tokenFile), autoRefresh: false }),
    );
    workers.push(...(await Promise.all(starting)));
    return await run(tt, workers);
  } finally {
    await Promise.all(workers.map((worker) => worker.kill()));
    await tt.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Nanoseconds of a cached getToken and of awaiting a cached promise, in alternating slices. */
async function cachedCost(): Promise<{ ours: number; floor: number }> {
  const tt = await startFakeTT();
  const manager = createTokenManager({
    ...optionsFor(tt, 'bench', ''),
    tokenFile: undefined,
    store: memoryStore(),
  });
  const cached = manager.getToken();
  await cached;
  const time = async (once: () => Promise<unknown>): Promise<number> => {
    const calls = 200_000;
    const startedAt = process.hrtime.bigint();
    for (let call = 0; call < calls; call++) await once();
    return Number(process.hrtime.bigint() - startedAt) / calls;
  };
  const ours: number[] = [];
  const floor: number[] = [];
  for (let slice = 0; slice < 21; slice++) {
    floor.push(await time(() => cached));
    ours.push(await time(() => manager.getToken()));
  }
  await manager.close();
  await tt.close();
  return { ours: median(ours), floor: median(floor) };
}

function median(values: readonly number[]): number {
  return [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? NaN;
}

const { ours, floor } = await cachedCost();
console.log(`node ${process.version}, ${rounds} rounds\n`);
console.log(
  `cached getToken: ${ours.toFixed(0)} ns; awaiting a cached promise: ${floor.toFixed(0)} ns\n`,
);
console.log('| scenario | token requests, each round | failures | last served, ms: median (max) |');
console.log('| --- | --- | --- | --- |');
for (const [name, run] of Object.entries(scenarios)) {
  if (!name.includes(only)) continue;
  const results: Round[] = [];
  for (let round = 0; round < rounds; round++) {
    results.push(await run());
    process.stderr.write(`${name}: ${round + 1}/${rounds}\r`);
  }
  const requests = [...new Set(results.map((result) => result.requests))].sort().join(', ');
  const failures = results.reduce((sum, result) => sum + result.failures, 0);
  const times = results.map(({ lastServedMs }) => lastServedMs);
  console.log(`| ${name} | ${requests} | ${failures} | ${median(times)} (${Math.max(...times)}) |`);
}
