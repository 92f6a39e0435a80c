import { setTimeout as pause } from 'node:timers/promises';
import type { RefusalSpacing } from '../../src/records/record.js';
import type { FakeTT, TokenFault } from '../../src/testing/index.js';
import type { Fleet, FleetSettings, Member } from './fleet.js';
import type { Ledger } from './ledger.js';
import type { Random } from './random.js';

/** Where the members share their token: a store of its own kind, and what can be done to it. */
export interface Place {
  /** What a member is told of it. */
  readonly settings: Pick<FleetSettings, 'redis'> & { readonly tokenFile?: string };
  /** The faults of this kind of store. */
  readonly faults: readonly Fault[];
  /** How long the holder of its lock may be silent before it is taken over. */
  readonly silentMs: number;
  /** Until when a refusal would have to wait, in epoch ms. */
  spacedUntil(): Promise<number>;
  /** Watches that the record is whole at every moment. */
  watch(): Promise<unknown>;
  /** Lets the record be spoilt. */
  lookAway(): Promise<unknown>;
  /** Whether there is a record, whole and private. */
  isWhole(): Promise<boolean>;
  /** Whether nothing lies beside the record. */
  isTidy(): Promise<boolean>;
  close(): Promise<void>;
}

/** What a fault works on. */
export interface Target {
  readonly tt: FakeTT;
  readonly fleet: Fleet;
  readonly ledger: Ledger;
  readonly random: Random;
  readonly place: Place;
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
  /** Whether the record may be unreadable, or every process may be left to itself with its memory. */
  readonly spoilsStore?: boolean;
}

const shortLifeSeconds = 1;
/** A lifetime beside which no step of a clock counts. */
export const longLifeSeconds = 60 * 86_400;

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

/** What the token endpoint and its tokens do. */
export const serviceFaults: readonly Fault[] = [...tokenFaults, ...endpointFaults];

/** The life of tokens where a fault does not say otherwise. */
export const usualLifeSeconds = 4;

/** Lets it last; resolves to its cost. */
export async function last(ms: number, cost: number): Promise<number> {
  await pause(ms);
  return cost;
}

/** Ends a member by a signal. */
export async function end(
  { fleet }: Target,
  member: Member,
  signal: NodeJS.Signals,
): Promise<number> {
  const isThread = member.kind === 'thread';
  await fleet.end(member, signal);
  // Its process lives on: the lock of a thread that is gone counts as silent after 10 s.
  return isThread ? 2 : 1;
}

/** Does something while a token request hangs at the endpoint; costs one request more, as it is in vain. */
export async function inMidRefresh(
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

/** Has the API refuse every token of now. */
export function revokeNow({ tt, ledger }: Target): number {
  tt.revokeAll();
  ledger.revokeAll();
  return 1;
}

/** Waits until all hold one token that is not renewed soon, and a refusal of it causes a refresh at once. */
export async function calm({ fleet, ledger, place }: Target): Promise<void> {
  const until = Date.now() + 30_000;
  // A refresh that is dated ahead, by a clock that was set, is counted by each from when it saw it.
  const longestSpacedUntil = until - 10_000;
  for (;;) {
    const newest = ledger.youngToken();
    const held = await Promise.all(fleet.members().map((member) => fleet.ask(member, 'holds')));
    const isShared = held.every((obtainedAt) => obtainedAt === newest);
    const isSpaced = Date.now() < Math.min(await place.spacedUntil(), longestSpacedUntil);
    if (isShared && newest === ledger.youngToken() && !isSpaced) return;
    if (Date.now() > until) throw new Error('the members do not come to hold one token');
    await pause(10);
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

/** Has every member do something. */
export async function tellAll(fleet: Fleet, command: string, details: object): Promise<void> {
  await Promise.all(fleet.members().map((member) => fleet.ask(member, command, details)));
}

/** What every process costs that is left to itself for so long. */
export function alone(fleet: Fleet, ms: number): number {
  return fleet.members().length * (1 + Math.ceil(ms / (usualLifeSeconds * 500)));
}

/** Spoils the record at one instant. */
export function spoilt(name: string, spoil: (target: Target) => unknown, cost = 1): Fault {
  return {
    name,
    spoilsStore: true,
    async run(target) {
      await spoil(target);
      return last(1_000, cost);
    },
  };
}

/** Until when the spacing in a record makes a refusal wait. */
export function spacedUntil(text: string): number {
  try {
    const { spacing } = JSON.parse(text) as { spacing?: RefusalSpacing };
    return spacing ? spacing.refreshedAt + 2 * spacing.waitMs : 0;
  } catch {
    return 0;
  }
}
