import { setTimeout as sleep } from 'node:timers/promises';
import type { StoreSession } from '../stores/store.js';
import { expectText, expectThat, write, type KeepsPromise, type Lease } from './store-bench.js';
import type { StoreChecksOptions } from './store-checks.js';

const sessionsAtOnce = 12;
/** What a turn, and the loss of a lease, may cost. */
const [turnMs, dueMs] = [5_000, 20_000];
const betweenMs = 20;

/** The promises about the lock. */
export const lockChecks: Readonly<Record<string, KeepsPromise>> = {
  'acquire gives undefined at once while the lock is held': async ({ open, ask, take }) => {
    const [one, other] = [open(), open()];
    const lease = await take(one);
    for (const session of [other, one, open()]) {
      const second = await ask(session);
      expectThat(second === undefined, 'acquire() gave a lease although the lock was held');
    }
    await lease.release();
  },

  'one of many sessions that ask at once gets the lock': async ({ open, ask }) => {
    const sessions = Array.from({ length: sessionsAtOnce }, () => open());
    for (let round = 0; round < 3; round++) {
      const leases = await Promise.all(sessions.map((session) => ask(session)));
      const held = leases.filter((lease) => lease !== undefined);
      expectThat(held.length === 1, `${held.length} of ${sessionsAtOnce} sessions got the lock`);
      await held[0]?.release();
    }
  },

  'sessions that take turns never hold the lock two at a time': async ({ open, ask }) => {
    let due = performance.now() + turnMs;
    let holders = 0;

    async function takeTurn(session: StoreSession): Promise<void> {
      const lease = await askUntil(
        () => due,
        () => ask(session),
      );
      due = performance.now() + turnMs;
      holders++;
      expectThat(holders === 1, `${holders} sessions held the lock at one time`);
      await sleep(1);
      holders--;
      await lease.release();
    }
    await Promise.all(
      Array.from({ length: 6 }, async () => {
        const session = open();
        await takeTurn(session);
        await takeTurn(session);
      }),
    );
  },

  'a lease writes, says so, and is held until it is released': async ({ open, ask, take }) => {
    const [one, other] = [open(), open()];
    const lease = await take(one);
    for (const text of ['first', 'second']) {
      expectThat((await lease.write(text)) === true, 'write() of a lease did not give true');
      await expectText(other, text, 'after a write under the lease');
      const second = await ask(other);
      expectThat(second === undefined, 'a write under the lease gave the lock back');
    }
    await lease.release();
  },

  'a write without a lease is done while another holds the lock': async ({ open, take }) => {
    const [one, other] = [open(), open()];
    const lease = await take(one);
    await write(other, 'without');
    await expectText(one, 'without', 'after a write without a lease');
    expectThat((await lease.write('under')) === true, 'the lease was lost by the write of another');
    await lease.release();
  },

  'release gives the lock to the next, and leaves the text': async ({ open, take }) => {
    const [one, other] = [open(), open()];
    for (const session of [one, other, other, one]) {
      const lease = await take(session);
      await lease.write('kept');
      await lease.release();
      await expectText(other, 'kept', 'after a release');
    }
  },

  'a second release is nothing, also to the next holder': async ({ open, ask, take }) => {
    const [one, other] = [open(), open()];
    const lease = await take(one);
    await Promise.all([lease.release(), lease.release()]);
    const next = await take(other);
    await lease.release();
    const third = await ask(one);
    expectThat(third === undefined, 'the second release gave back the lock of the next holder');
    expectThat((await next.write('next')) === true, 'the next holder lost its lease');
    await next.release();
  },

  'a lease that is over writes nothing, and says so': async ({ open, take }) => {
    const [one, other] = [open(), open()];
    const late = await take(one);
    await late.release();
    await write(other, 'newer');
    await expectNoWrite(late, other);
    const next = await take(other);
    await expectNoWrite(late, other);
    await next.release();
  },
};

/** The promises about holders that die and leases that are lost, as far as there is a way to bring that about. */
export function lossChecks({
  leaveDeadHolder,
  deadHolderCostsMs = 10_000,
  breakLease,
}: StoreChecksOptions): Readonly<Record<string, KeepsPromise>> {
  const deadHolder: KeepsPromise = async ({ open, ask, identity }) => {
    const session = open();
    const states: unknown[] = [];
    await leaveDeadHolder?.(identity);
    const due = performance.now() + deadHolderCostsMs;
    const lease = await askUntil(
      () => due,
      () => ask(session, (state) => states.push(state)),
    );
    const seen = states.join(', ');
    expectThat(/^(dead|silent)?$/.test(seen), `onTakeover was called with: ${seen}`);
    expectThat((await lease.write('mine')) === true, 'the lease that was taken over is lost');
    await lease.release();
  };

  const lostLease: KeepsPromise = async ({ open, ask, take, identity }) => {
    const [one, other] = [open(), open()];
    const late = await take(one);
    await breakLease?.(identity);
    const due = performance.now() + dueMs;
    const next = await askUntil(
      () => due,
      () => ask(other),
    );
    await write(other, 'newer');
    await expectNoWrite(late, other);
    await late.release();
    const third = await ask(open());
    expectThat(third === undefined, 'the lost lease gave back the lock of the next holder');
    expectThat((await next.write('next')) === true, 'the next holder lost its lease');
    await next.release();
  };

  return {
    ...(leaveDeadHolder && { 'a dead holder costs the others no more than its time': deadHolder }),
    ...(breakLease && { 'a lease that was lost writes nothing, and says so': lostLease }),
  };
}

/** Asks for the lock until it is free; rejects when that takes too long. */
async function askUntil(due: () => number, ask: () => Promise<Lease | undefined>): Promise<Lease> {
  for (;;) {
    const lease = await ask();
    if (lease) return lease;
    expectThat(performance.now() < due(), 'the lock did not become free in time');
    await sleep(betweenMs * Math.random());
  }
}

async function expectNoWrite(late: Lease, session: StoreSession): Promise<void> {
  const isWritten: unknown = await late.write('late');
  expectThat(isWritten === false, `write() of a lease that is over gave ${String(isWritten)}`);
  await expectText(session, 'newer', 'after the write of a lease that is over');
}
