import { setTimeout as pause } from 'node:timers/promises';
import {
  calm,
  end,
  inMidRefresh,
  longLifeSeconds,
  revokeNow,
  tellAll,
  type Fault,
  type Target,
} from './faults.js';
import type { Member } from './fleet.js';

/** Longer than a token request may take: an answer that arrives meanwhile counts all the same. */
const longerThanTimeoutMs = 3_000;
/** Hosts share a token while their clocks differ by up to 60 s. */
const largestDifferenceMs = 59_000;

/** What the host does to the processes: it ends and stops them, keeps them busy, and sets their clocks. */
export const hostFaults: readonly Fault[] = [
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
        const frozen = freeze([refresher], target.place.silentMs + 2_000);
        release();
        return frozen;
      }),
  },
  {
    name: 'SIGSTOP of the refresher, for longer than its request may take',
    run: (target) =>
      inMidRefresh(target, async (refresher, release) => {
        const frozen = freeze([refresher], longerThanTimeoutMs);
        release();
        await frozen;
        return longerThanTimeoutMs < target.place.silentMs ? 0 : 1;
      }),
  },
  {
    name: 'SIGSTOP of all who wait for the refresher',
    run: (target) =>
      inMidRefresh(target, async (refresher, release) => {
        const others = target.fleet.members().filter(({ host }) => host !== refresher.host);
        const frozen = freeze(others, target.random.integer(200, 2_000));
        release();
        return frozen;
      }),
  },
  {
    name: 'SIGSTOP',
    run: (target) => freeze([anyMember(target)], target.random.integer(200, 2_000)),
  },
  {
    name: 'SIGSTOP of all',
    run: ({ fleet, random }) => freeze(fleet.members(), random.integer(1_000, 6_000)),
  },
  {
    name: 'a blocked event loop',
    async run({ fleet, random, place }) {
      const ms = random.integer(200, 2_500);
      await fleet.ask(random.pick(fleet.members()), 'block', { ms });
      return ms < place.silentMs ? 0 : 1;
    },
  },
  {
    name: 'the event loops of all blocked',
    async run({ fleet, random, place }) {
      const ms = random.integer(200, 2_500);
      await tellAll(fleet, 'block', { ms });
      return ms < place.silentMs ? 0 : 1;
    },
  },
  {
    name: 'a clock that is stepped, and stepped back',
    lifetimeSeconds: longLifeSeconds,
    async run(target) {
      await withClocks(target, [anyMember(target)], largestDifferenceMs, () => pause(2_000));
      return 2;
    },
  },
  {
    name: 'clocks of different members, and all tokens revoked',
    lifetimeSeconds: longLifeSeconds,
    // Whoever first sees a refresh dated ahead keeps refused tokens for the wait that refusals have to keep.
    stopsTokens: true,
    async run(target) {
      const { fleet } = target;
      let cost = 0;
      // Half of it for each, forward or back: any two differ by the whole at the most.
      await withClocks(target, fleet.members(), largestDifferenceMs / 2, async () => {
        await calm(target);
        cost = revokeNow(target);
        await pause(2_000);
      });
      return cost + 2;
    },
  },
];

function anyMember({ fleet, random }: Target): Member {
  return random.pick(fleet.members());
}

async function freeze(members: readonly Member[], ms: number): Promise<number> {
  const hosts = new Set(members.map(({ host }) => host));
  for (const host of hosts) host.kill('SIGSTOP');
  await pause(ms);
  for (const host of hosts) host.kill('SIGCONT');
  return 1;
}

/** Steps the clock of each member by another time, and back. */
async function withClocks(
  { fleet, random }: Target,
  members: readonly Member[],
  largestStepMs: number,
  act: () => Promise<unknown>,
): Promise<void> {
  for (const member of members)
    await fleet.ask(member, 'clock', { ahead: random.integer(-largestStepMs, largestStepMs) });
  await act();
  for (const member of members) await fleet.ask(member, 'clock', { ahead: 0 });
}
