/*
 * npm run test:soak -- [--refreshes <n>] [--seed <n>]
 *
 * One process refreshes its token thousands of times, in a file, one refresh after the other. A seed decides which
 * of them meet a failure of the endpoint, follow a refusal of the token, or find a spoiled store. At the end:
 * - each refresh made the token requests, and had the result, that the schedule says;
 * - heap and handles are what they were after the first 2,000;
 * - the folder holds the token file alone.
 * Counts and growth are judged, never times: a busy machine only makes it longer.
 */
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { authenticateFetch } from '../../src/adapters/fetch/index.js';
import { createTokenManager, fileStore, isTokenError } from '../../src/index.js';
import { createRandom } from '../chaos/random.js';
import { startService, type TokenAnswer } from './service.js';

const { values } = parseArgs({
  options: {
    refreshes: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '15' },
  },
});
const refreshes = Number(values.refreshes);
const seed = Number(values.seed);
/** Until then, the redactor's memory of tokens fills, and Node compiles. */
const warmUp = 2_000;
if (!(refreshes > warmUp)) throw new RangeError(`--refreshes must be above ${warmUp}`);

/** A kept token of 1,200 characters each refresh exceeds this after 1,750; Node's own compiled code takes half of it. */
const mostHeapGrowth = 2 * 2 ** 20;
/** The connection may be just closing or opening. A handle kept by one refresh in a hundred exceeds this. */
const mostMoreHandles = 4;
/** Refusals are spaced by 1 s or more of the manager's clock, which goes on by this before each. */
const betweenRefusalsMs = 5_000;

const random = createRandom(seed);
const problems: string[] = [];
const folder = await mkdtemp(join(tmpdir(), 'tt-token-soak-'));
const file = join(folder, 'token.json');
const service = await startService();
const { now } = Date;
let aheadMs = 0;
Date.now = () => now() + aheadMs;

const manager = createTokenManager({
  apiKey: '00000000-0000-4000-8000-000000000000',
  apiSecret: '00000000-0000-4000-8000-000000000001',
  appName: 'Soak',
  companyName: 'Soak',
  baseUrl: service.url,
  store: fileStore({ path: file }),
  autoRefresh: false,
});
let storeFailures = 0;
manager.on('storeFailed', () => storeFailures++);
const send = authenticateFetch(fetch, manager);

/** A step; resolves to the token requests that it may have made. */
type Step = () => Promise<number>;

async function refresh(): Promise<number> {
  await manager.getToken({ forceRefresh: true });
  return 1;
}

/** The endpoint fails, and the caller is told. */
async function fail(): Promise<number> {
  service.answerNext('status 500');
  const error = await refresh().catch((reason: unknown) => reason);
  if (!isTokenError(error)) throw new Error(`no TokenError but ${String(error)}`);
  return 1;
}

/** A failure that passes is made good by a second request, unless the first one alone took about a second. */
async function failInPassing(answer: TokenAnswer): Promise<number> {
  service.answerNext(answer);
  const error = await refresh().catch((reason: unknown) => reason);
  if (isTokenError(error)) return 1;
  if (typeof error !== 'number') throw error;
  return 2;
}

async function refuse(): Promise<number> {
  aheadMs += betweenRefusalsMs;
  service.refuseToken();
  const response = await send(`${service.url}/ttpds/ext_uat_cert/markets`);
  await response.arrayBuffer();
  if (response.status !== 200) throw new Error(`status ${response.status}`);
  return 1;
}

/** The store fails as a whole: neither read, nor lock, nor write is possible. The next refresh finds it well. */
async function refreshWithoutStore(): Promise<number> {
  const before = storeFailures;
  await rm(file, { force: true });
  await mkdir(file);
  await refresh();
  await rm(file, { recursive: true });
  if (storeFailures === before) throw new Error('the store failed and no event said so');
  return 1 + (await refresh());
}

async function refreshOver(text: string): Promise<number> {
  await writeFile(file, text);
  return refresh();
}

async function refreshWithoutFile(): Promise<number> {
  await rm(file, { force: true });
  return refresh();
}

/** Parts of a hundred; the others meet nothing. Those that fail in passing take a sixth of a second each. */
const kinds: readonly { kind: string; parts: number; step: Step }[] = [
  { kind: 'status 500', parts: 10, step: fail },
  { kind: 'status 503', parts: 1, step: () => failInPassing('status 503') },
  { kind: 'reset', parts: 1, step: () => failInPassing('reset') },
  { kind: 'refused', parts: 10, step: refuse },
  { kind: 'no store', parts: 10, step: refreshWithoutStore },
  { kind: 'spoiled file', parts: 6, step: () => refreshOver('{"spoiled') },
  { kind: 'empty file', parts: 6, step: () => refreshOver('') },
  { kind: 'no file', parts: 6, step: refreshWithoutFile },
];
const hundred = kinds.flatMap((each) => Array<typeof each>(each.parts).fill(each));
const usual = { kind: 'usual', step: refresh };
const met = new Map<string, number>();

async function takeStep(): Promise<void> {
  const { kind, step } = hundred[random.integer(0, 99)] ?? usual;
  met.set(kind, (met.get(kind) ?? 0) + 1);
  const before = service.tokenRequests();
  try {
    const allowed = await step();
    const made = service.tokenRequests() - before;
    if (made !== allowed) problems.push(`${kind}: ${made} token requests instead of ${allowed}`);
  } catch (error) {
    problems.push(`${kind}: ${String(error)}`);
  }
}

interface Holdings {
  readonly heap: number;
  readonly handles: number;
}

/** What the process holds after a collection, the lesser of two looks. */
async function look(): Promise<Holdings> {
  await refresh(); // one that meets nothing, so that the connection is open
  const looks: Holdings[] = [];
  for (let index = 0; index < 2; index++) {
    await pause(50); // what has ended is let go of in later turns
    globalThis.gc?.();
    const { heapUsed } = process.memoryUsage();
    looks.push({ heap: heapUsed, handles: process.getActiveResourcesInfo().length });
  }
  return {
    heap: Math.min(...looks.map(({ heap }) => heap)),
    handles: Math.min(...looks.map(({ handles }) => handles)),
  };
}

let first: Holdings | undefined;
let last: Holdings | undefined;
try {
  if (!globalThis.gc) throw new Error('node must be started with --expose-gc');
  await refresh();
  for (let step = 1; step <= refreshes && problems.length === 0; step++) {
    await takeStep();
    if (step === warmUp) first = await look();
    if (step % 1_000 === 0) console.log(`${step} refreshes`);
  }
  last = await look();
  const growth = last.heap - (first?.heap ?? 0);
  if (first && growth > mostHeapGrowth) problems.push(`the heap grew by ${growth} bytes`);
  if (first && last.handles > first.handles + mostMoreHandles)
    problems.push(`${last.handles} handles, after the first ${warmUp} ${first.handles}`);
  await manager.close();
  const left = (await readdir(folder)).filter((name) => name !== 'token.json');
  if (left.length > 0) problems.push(`left in the folder: ${left.join(', ')}`);
} catch (error) {
  problems.push(String(error));
} finally {
  await manager.close();
  await service.close();
  await rm(folder, { recursive: true, force: true });
}

for (const problem of problems) console.error(`FAILED seed ${seed}: ${problem}`);
if (problems.length > 0) process.exitCode = 1;
else if (first && last) {
  const schedule = [...met].map(([kind, count]) => `${count} ${kind}`).join(', ');
  console.log(
    `seed ${seed}: ${refreshes} refreshes (${schedule}), ${service.tokenRequests()} token requests; ` +
      `after the first ${warmUp} and at the end: heap ${first.heap} and ${last.heap} bytes, ` +
      `handles ${first.handles} and ${last.handles}`,
  );
}
