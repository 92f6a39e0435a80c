import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { FakeTT, TokenFault } from '../../src/testing/index.js';
import type { Fleet, Member } from './fleet.js';
import type { Ledger } from './ledger.js';
import type { Random } from './random.js';

/** What a fault works on. */
export interface Target {
  readonly tt: FakeTT;
  readonly fleet: Fleet;
  readonly ledger: Ledger;
  readonly random: Random;
  readonly tokenFile: string;
  readonly uid: number | undefined;
}

/** One kind of fault: it is there when `run` begins and over when `run` is. */
export interface Fault {
  readonly name: string;
  /** Does it; resolves to how many token requests it may cost beyond those of the tokens' lifetimes. */
  run(target: Target): Promise<number>;
  /** The lifetime of tokens while it lasts, in seconds, where it needs one of its own. */
  readonly lifetimeSeconds?: number;
  /** Whether callers may fail who have no valid token. */
  readonly stopsTokens?: boolean;
  /** Whether the token file may be unreadable, or every process may be left to itself with its memory. */
  readonly spoilsStore?: boolean;
}

const shortLifeSeconds = 1;
const longLifeSeconds = 60 * 86_400;
const stallMs = 700;

const processFaults: readonly Fault[] = [
  { name: 'SIGKILL', run: (target) => end(target, anyMember(target), 'SIGKILL') },
  { name: 'SIGTERM', run: (target) => end(target, anyMember(target), 'SIGTERM') },
  {
    name: 'SIGKILL of the refresher',
    run: (target) => inMidRefresh(target, (refresher) => end(target, refresher, 'SIGKILL')),
  },
  {
    name: 'SIGSTOP of the refresher, for longer than a lock may be silent',
    run: (target) =>
      inMidRefresh(target, async (refresher, release) => {
        refresher.host.kill('SIGSTOP');
        release();
        return freeze(refresher, 7_000);
      }),
  },
  {
    name: 'SIGSTOP',
    run: (target) => freeze(anyMember(target), target.random.integer(200, 2_000)),
  },
  {
    name: 'a blocked event loop',
    async run({ fleet, random }) {
      await fleet.ask(random.pick(fleet.members()), 'block', { ms: random.integer(200, 2_500) });
      return 0;
    },
  },
  {
    name: 'a clock that is ahead or behind',
    lifetimeSeconds: longLifeSeconds,
    async run({ fleet, random }) {
      const member = random.pick(fleet.members());
      await fleet.ask(member, 'clock', { ahead: random.pick([-45_000, -5_000, 5_000, 45_000]) });
      await pause(2_000);
      await fleet.ask(member, 'clock', { ahead: 0 });
      return 1;
    },
  },
];

const tokenFaults: readonly Fault[] = [
  { name: 'all tokens revoked', run: revoke },
  {
    name: 'revoked while the refresher is killed',
    async run(target) {
      await calm(target);
      return inMidRefresh(
        target,
        async (refresher) => revokeNow(target) + (await end(target, refresher, 'SIGKILL')),
      );
    },
  },
  {
    name: 'a lifetime of 1 s',
    lifetimeSeconds: shortLifeSeconds,
    // On a busy machine such a token may end on its way.
    stopsTokens: true,
    run: () => last(3_000, 0),
  },
  {
    name: 'a lifetime of 60 days',
    lifetimeSeconds: longLifeSeconds,
    run: () => last(1_000, 0),
  },
  {
    name: 'the same token again',
    // Asked at its very end, the endpoint hands out one that has expired when it arrives.
    stopsTokens: true,
    async run({ tt }) {
      tt.configure({ sameToken: true });
      await pause(5_000);
      tt.configure({ sameToken: false });
      // The shorter the life that is left, the sooner the next request: once a second and process at the most.
      return 5 * 2;
    },
  },
];

const endpointFaults: readonly Fault[] = [
  {
    name: 'a slow token endpoint',
    async run({ tt }) {
      tt.configure({ latencyMs: 1_500 });
      await pause(4_000);
      tt.configure({ latencyMs: 20 });
      return 0;
    },
  },
  ...(['hang', 'reset', 'truncate', 'html', 'expired', 'empty'] as const).map(faultOf),
  ...[500, 503, 401].map((status) => failureOf(status)),
  failureOf(429, 2),
];

const storeFaults: readonly Fault[] = [
  spoilt('the token file deleted', ({ tokenFile }) => rmSync(tokenFile, { force: true })),
  spoilt('the token file truncated', ({ tokenFile, random }) => {
    if (existsSync(tokenFile)) truncateSync(tokenFile, random.integer(0, 100));
  }),
  spoilt('the token file full of rubbish', (target) => write(target, randomBytes(300))),
  spoilt("another key's token file", (target) => {
    const text = existsSync(target.tokenFile) ? readFileSync(target.tokenFile, 'utf8') : '{}';
    write(target, text.replace(/"keyFingerprint":"[^"]*"/, '"keyFingerprint":"of-another-key"'));
  }),
  spoilt('the token file without permissions', ({ tokenFile }) => {
    if (existsSync(tokenFile)) chmodSync(tokenFile, 0o000);
  }),
  {
    name: 'the folder read-only',
    spoilsStore: true,
    async run({ fleet, tokenFile }) {
      chmodSync(dirname(tokenFile), 0o500);
      await pause(4_000);
      chmodSync(dirname(tokenFile), 0o700);
      return alone(fleet, 4_000);
    },
  },
  {
    name: 'the folder removed and made again',
    spoilsStore: true,
    async run({ fleet, tokenFile, uid, random }) {
      rmSync(dirname(tokenFile), { recursive: true, force: true });
      await pause(random.integer(0, 500));
      mkdirSync(dirname(tokenFile), { recursive: true, mode: 0o700 });
      if (uid !== undefined) chownSync(dirname(tokenFile), uid, uid);
      return alone(fleet, 500);
    },
  },
  {
    name: 'a full disk',
    spoilsStore: true,
    async run({ fleet }) {
      const all = (isFull: boolean): Promise<unknown> =>
        Promise.all(fleet.members().map((member) => fleet.ask(member, 'fullDisk', { isFull })));
      await all(true);
      await pause(4_000);
      await all(false);
      return alone(fleet, 4_000);
    },
  },
  {
    name: 'the lock removed in mid-refresh',
    run: (target) =>
      inMidRefresh(target, async () => {
        rmSync(`${target.tokenFile}.lock`, { recursive: true, force: true });
        await pause(stallMs);
        return 1;
      }),
  },
  lockInTheWay('a lock left over', mkdirSync),
  lockInTheWay('a file in place of the lock', (path) => writeFileSync(path, 'a file')),
];

/** All faults of the campaign. */
export const faults: readonly Fault[] = [
  ...processFaults,
  ...tokenFaults,
  ...endpointFaults,
  ...storeFaults,
];

/** The life of tokens where a fault does not say otherwise. */
export const usualLifeSeconds = 4;

function anyMember({ fleet, random }: Target): Member {
  return random.pick(fleet.members());
}

async function last(ms: number, cost: number): Promise<number> {
  await pause(ms);
  return cost;
}

async function end({ fleet }: Target, member: Member, signal: NodeJS.Signals): Promise<number> {
  const isThread = member.kind === 'thread';
  await fleet.end(member, signal);
  // Its process lives on: the lock of a thread that is gone counts as silent after 10 s.
  return isThread ? 2 : 1;
}

async function freeze({ host }: Member, ms: number): Promise<number> {
  host.kill('SIGSTOP');
  await pause(ms);
  host.kill('SIGCONT');
  return 1;
}

/** Does something while a token request hangs at the endpoint; costs one request more, as it is in vain. */
async function inMidRefresh(
  { tt, fleet }: Target,
  act: (refresher: Member, release: () => void) => Promise<number>,
): Promise<number> {
  const release = tt.holdTokenRequests();
  try {
    const count = tt.tokenRequests.length;
    await tt.waitForTokenRequests(count + 1, { signal: AbortSignal.timeout(20_000) });
    const name = tt.tokenRequests[count]?.requestId?.split('-')[0];
    const refresher = fleet.members().find((member) => member.name === name);
    if (!refresher) throw new Error(`nobody in the fleet sent the token request of ${name}`);
    return 1 + (await act(refresher, release));
  } finally {
    release();
  }
}

/** Has the API refuse every token of now, at a moment when that causes one refresh at once. */
export async function revoke(target: Target): Promise<number> {
  await calm(target);
  return revokeNow(target);
}

function revokeNow({ tt, ledger }: Target): number {
  tt.revokeAll();
  ledger.revokeAll();
  return 1;
}

/** Waits until all hold one token that is not renewed soon, and a refusal of it causes a refresh at once. */
export async function calm({ fleet, ledger, tokenFile }: Target): Promise<void> {
  const until = Date.now() + 30_000;
  for (;;) {
    const newest = ledger.youngToken();
    const held = await Promise.all(fleet.members().map((member) => fleet.ask(member, 'holds')));
    const isShared = held.every((obtainedAt) => obtainedAt === newest);
    if (isShared && newest === ledger.youngToken() && Date.now() > spacedUntil(tokenFile)) return;
    if (Date.now() > until) throw new Error('the members do not come to hold one token');
    await pause(10);
  }
}

function spacedUntil(tokenFile: string): number {
  try {
    const { spacing } = JSON.parse(readFileSync(tokenFile, 'utf8')) as {
      spacing?: { refreshedAt: number; waitMs: number };
    };
    return spacing ? spacing.refreshedAt + 2 * spacing.waitMs : 0;
  } catch {
    return 0;
  }
}

/** Some token requests in a row that go wrong; `perAttempt` of them make one attempt. */
function faultyRequests(
  name: string,
  perAttempt: number,
  prepare: (tt: FakeTT, count: number) => void,
): Fault {
  return {
    name: `the token endpoint: ${name}`,
    stopsTokens: true,
    async run(target) {
      const { tt, random } = target;
      const attempts = random.integer(1, 3);
      const count = attempts * perAttempt;
      const isTokenGone = random.pick([true, false]);
      if (isTokenGone) await calm(target);
      const first = tt.tokenRequests.length;
      prepare(tt, count);
      if (isTokenGone) revokeNow(target);
      const nextGood = first + count + 1;
      await tt.waitForTokenRequests(nextGood, { signal: AbortSignal.timeout(40_000) });
      const took =
        (tt.tokenRequests[first + count - 1]?.at ?? 0) - (tt.tokenRequests[first]?.at ?? 0);
      // While a token is held, an attempt is due at its expiry, whatever the back-off.
      const leastMs = isTokenGone ? 800 * (2 ** (attempts - 1) - 1) : 0;
      if (took < leastMs) throw new Error(`${attempts} attempts came within ${took} ms`);
      return count + (isTokenGone ? 1 : 0);
    },
  };
}

function failureOf(status: number, retryAfterSeconds?: number): Fault {
  const perAttempt = status === 503 ? 3 : 1;
  return faultyRequests(String(status), perAttempt, (tt, count) =>
    tt.failNextTokenRequests({ status, count, retryAfterSeconds }),
  );
}

function faultOf(fault: TokenFault): Fault {
  // A reply that is cut off is a connection error as well.
  const perAttempt = fault === 'reset' || fault === 'truncate' ? 3 : 1;
  return faultyRequests(fault, perAttempt, (tt, count) =>
    tt.faultNextTokenRequests({ fault, count }),
  );
}

function spoilt(name: string, spoil: (target: Target) => void): Fault {
  return {
    name,
    spoilsStore: true,
    async run(target) {
      spoil(target);
      return last(1_000, 1);
    },
  };
}

function write({ tokenFile, uid }: Target, content: string | Buffer): void {
  writeFileSync(tokenFile, content, { mode: 0o600 });
  if (uid !== undefined) chownSync(tokenFile, uid, uid);
}

/** What every process costs that is left to itself for so long. */
function alone(fleet: Fleet, ms: number): number {
  return fleet.members().length * (1 + Math.ceil(ms / (usualLifeSeconds * 500)));
}

/** Puts something where the lock is made, and waits until somebody has taken it away. */
function lockInTheWay(name: string, put: (path: string) => void): Fault {
  return {
    name,
    async run({ tokenFile }) {
      const lock = `${tokenFile}.lock`;
      try {
        put(lock);
      } catch {
        return 0; // Somebody holds the lock at this moment.
      }
      const { ino } = lstatSync(lock);
      const isThere = (): boolean => lstatSync(lock, { throwIfNoEntry: false })?.ino === ino;
      for (const until = Date.now() + 20_000; isThere();) {
        if (Date.now() > until) throw new Error('nobody took the lock over');
        await pause(20);
      }
      return 0;
    },
  };
}
