/*
 * npm run test:chaos -- [--store file|redis] [--seed <n>] [--seconds <n>] [--only <part of a fault's name>]
 *
 * Processes and threads share one token, in a file or over Redis, and their callers use axios, ky and fetch without end, while one fault
 * after the other is done to them. After every step the invariants are checked:
 * - no caller fails who could have had a token, and none gets one that has expired or was refused;
 * - there are no more token requests than the tokens' lifetimes and the fault account for;
 * - the record is whole, and a file private, at every moment in which no fault touches it;
 * - soon after the fault all members are served, and nothing lies beside the record.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startFakeTT } from '../../src/testing/index.js';
import {
  calm,
  revoke,
  serviceFaults,
  usualLifeSeconds,
  type Fault,
  type Target,
} from './faults.js';
import { openFilePlace } from './file-place.js';
import { createFleet, within, type Kind } from './fleet.js';
import { hostFaults } from './host-faults.js';
import { createLedger } from './ledger.js';
import { createRandom } from './random.js';
import { openRedisPlace } from './redis-place.js';

const { values } = parseArgs({
  options: {
    store: { type: 'string', default: 'file' },
    seed: { type: 'string' },
    seconds: { type: 'string', default: '280' },
    only: { type: 'string', default: '' },
  },
});
const seed = Number(values.seed ?? Date.now() % 1_000_000);
const endsAt = Date.now() + Number(values.seconds) * 1_000;
const smallestFleet = 10;
const recoveryMs = 20_000;
const nobody = 65_534;

const random = createRandom(seed);
const uid = process.getuid?.() === 0 ? nobody : undefined;
const violations: string[] = [];
const problem = (text: string): void => void violations.push(text);

const places = {
  file: () => openFilePlace(uid, problem),
  redis: openRedisPlace,
};
if (!Object.hasOwn(places, values.store)) throw new Error('--store must be file or redis');
const place = await places[values.store as keyof typeof places]();
const tt = await startFakeTT({ latencyMs: 20, tokenLifetimeSeconds: usualLifeSeconds });
const ledger = createLedger();
let current: Fault | undefined;

const { redis, ...file } = place.settings;
const fleet = createFleet(
  {
    options: {
      ...{ apiKey: tt.apiKey, apiSecret: tt.apiSecret, baseUrl: tt.url, ...file },
      ...{ appName: 'set by each member', companyName: 'Chaos', timeoutMs: 2_000 },
    },
    url: `${tt.url}/ttpds/ext_uat_cert/markets`,
    callers: 2,
    pauseMs: 250,
    ...(redis && { redis }),
    ...(uid !== undefined && { uid }),
  },
  {
    onFailure(member, failure) {
      if (!current?.stopsTokens || ledger.hadToken(failure))
        problem(`a call of ${member} failed: ${JSON.stringify(failure)}`);
    },
    onRefused(member) {
      if (!current?.stopsTokens)
        problem(`${member}: a token was handed out after its refusal had called for a refresh`);
    },
    onViolation: (member, text) => problem(`${member}: ${text}`),
    onEvent(_, { name, obtainedAt, expiresAt }) {
      if (name === 'refreshed') ledger.add(Number(obtainedAt), Number(expiresAt));
    },
  },
);
const target: Target = { tt, fleet, ledger, random, place };

async function refill(): Promise<void> {
  const kinds: readonly Kind[] = ['fork', 'cluster', 'thread'];
  while (fleet.members().length < smallestFleet) {
    const count = (kind: Kind): number =>
      fleet.members().filter((member) => member.kind === kind).length;
    await fleet.start([...kinds].sort((one, other) => count(one) - count(other))[0] ?? 'fork');
  }
}

/** Waits until a condition holds, looking again and again; a problem when it does not in time. */
async function recovered(what: string, isSo: () => Promise<boolean>): Promise<void> {
  for (const until = Date.now() + recoveryMs; !(await isSo());) {
    if (Date.now() > until) {
      problem(`${what}: not within ${recoveryMs} ms`);
      return;
    }
    await pause(20);
  }
}

async function allServed(): Promise<boolean> {
  const answers = fleet.members().map((member) => fleet.ask<boolean>(member, 'probe'));
  return (await Promise.all(answers)).every(Boolean);
}

/** Goes over to tokens of another lifetime; resolves to what that costs. */
async function changeLifetime(seconds: number): Promise<number> {
  tt.configure({ tokenLifetimeSeconds: seconds });
  const cost = await revoke(target);
  await recovered('a token of another lifetime for all', allServed);
  return cost;
}

interface Step {
  readonly requests: number;
  readonly bound: number;
  readonly recoveryMs: number;
}

async function takeStep(fault: Fault): Promise<Step> {
  current = fault;
  const startedAt = Date.now();
  const requestsBefore = tt.tokenRequests.length;
  if (fault.spoilsStore) await place.lookAway();
  let cost = 0;
  if (fault.lifetimeSeconds !== undefined) cost += await changeLifetime(fault.lifetimeSeconds);
  cost += await fault.run(target);
  if (fault.lifetimeSeconds !== undefined) cost += await changeLifetime(usualLifeSeconds);
  await refill();
  const overAt = Date.now();
  await recovered('all members are served', allServed);
  const stepRecoveryMs = Date.now() - overAt;
  await recovered('the record is whole', place.isWhole);
  if (fault.spoilsStore) {
    await calm(target);
    ledger.keepNewest();
  }
  await place.watch();
  await recovered('nothing lies beside the record', place.isTidy);
  const lifeMs = Math.min(fault.lifetimeSeconds ?? Infinity, usualLifeSeconds) * 1_000;
  // A token is renewed when half its life is over, and not earlier.
  const bound = cost + 1 + Math.floor((Date.now() - startedAt) / (lifeMs / 2));
  const requests = tt.tokenRequests.length - requestsBefore;
  if (requests > bound) problem(`${requests} token requests, where ${bound} are accounted for`);
  return { requests, bound, recoveryMs: stepRecoveryMs };
}

let steps = 0;
let requests = 0;
let bounds = 0;
let longestRecoveryMs = 0;
let served = 0;

/** Those of the store and the others in turn, each once before one comes again. */
const rounds = [place.faults, hostFaults, serviceFaults]
  .map((all) => all.filter(({ name }) => name.includes(values.only)))
  .filter((all) => all.length > 0)
  .map((all) => ({ all, left: all }));

function nextFault(): Fault {
  const round = rounds[steps % rounds.length];
  if (!round) throw new Error(`no fault is called ${values.only}`);
  const fault = random.pick(round.left);
  round.left = round.left.filter((other) => other !== fault);
  if (round.left.length === 0) round.left = round.all;
  return fault;
}

async function countServed(): Promise<void> {
  for (const member of fleet.members()) served += (await fleet.ask<number>(member, 'served')) ?? 0;
}

try {
  await refill();
  await recovered('all members are served', allServed);
  await place.watch();
  console.log(
    `seed ${seed}: ${fleet.members().length} processes and threads, ${rounds.flatMap(({ all }) => all).length} kinds of fault`,
  );
  while (Date.now() < endsAt && violations.length === 0) {
    const fault = nextFault();
    const step = await within(90_000, `step "${fault.name}" does not end`, takeStep(fault));
    steps++;
    requests += step.requests;
    bounds += step.bound;
    longestRecoveryMs = Math.max(longestRecoveryMs, step.recoveryMs);
    await countServed();
    const left = Math.max(0, Math.round((endsAt - Date.now()) / 1_000));
    console.log(
      `${String(left).padStart(4)} s left  ${fault.name}: ${step.requests} of ${step.bound} token requests, ` +
        `all served ${step.recoveryMs} ms after it`,
    );
  }
  await fleet.stop(15_000);
  await recovered('nothing lies beside the record', place.isTidy);
} catch (error) {
  problem(error instanceof Error ? error.message : String(error));
} finally {
  await fleet.killAll();
  await tt.close();
  await place.close();
}

if (violations.length > 0) {
  console.error(`\n${fleet.history()}\n`);
  console.error(`seed ${seed}, step ${steps + 1} "${current?.name ?? 'start'}":`);
  for (const violation of violations.slice(0, 20)) console.error(`VIOLATION: ${violation}`);
  process.exitCode = 1;
} else {
  console.log(
    `seed ${seed}: ${steps} faults, ${served} calls served, ${requests} token requests of ${bounds} accounted for, ` +
      `all served ${longestRecoveryMs} ms after a fault at the latest, 0 violations`,
  );
}
