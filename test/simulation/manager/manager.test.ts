import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import { pass, settle, useFakeClock } from '../../manager/setup.js';
import { runs } from '../../properties/runs.js';
import { createWorld, type World } from './world.js';

useFakeClock();

/*
 * Three managers share a store and an endpoint whose every answer is given by hand. A random schedule decides, step
 * by step, who calls, leaves, reports a refusal or closes, which operation of the store goes on or is refused, what
 * the endpoint answers, and how much time passes. Promises hold after each step, and when all has been let go on.
 */

const managers = 3;
const index = fc.nat(7);

/** One step of a schedule. */
type Step = (world: World) => unknown;

/** A step that fast-check can show. */
function steps(
  name: string,
  numbers: fc.Arbitrary<number>,
  take: (world: World, n: number) => unknown,
) {
  return numbers.map((n): Step => {
    const step: Step = (world) => take(world, n);
    return Object.assign(step, { [fc.toStringMethod]: () => `${name} ${n}` });
  });
}

const which = fc.nat(managers - 1);
const step = fc.oneof(
  { weight: 4, arbitrary: steps('needed', which, (world, n) => world.call(n, 'needed')) },
  { weight: 3, arbitrary: steps('forced', which, (world, n) => world.call(n, 'forced')) },
  { weight: 12, arbitrary: steps('release', index, (world, n) => world.release(n)) },
  { weight: 4, arbitrary: steps('grant', fc.nat(1), (world, n) => world.answer(n, 200)) },
  { weight: 1, arbitrary: steps('fail', fc.nat(1), (world, n) => world.answer(n, 500)) },
  { weight: 2, arbitrary: steps('invalidate', which, (world, n) => world.invalidate(n)) },
  { weight: 1, arbitrary: steps('abort', index, (world, n) => world.abort(n)) },
  { weight: 4, arbitrary: steps('pass', fc.constantFrom(1, 20, 300), (_, ms) => pass(ms)) },
);
const fault = fc.oneof(
  steps('close', which, (world, n) => world.close(n)),
  steps('refuse', index, (world, n) => world.refuse(n)),
  steps('pass', fc.constantFrom(1_000, 6_000), (_, ms) => pass(ms)),
);

async function take(world: World, next: Step): Promise<void> {
  world.step();
  await next(world);
  await settle();
}

/** Lets everything go on until nothing moves. */
async function drain(world: World): Promise<void> {
  for (let turns = 0; turns < 300; turns++) {
    while (world.operations.length > 0) await take(world, () => world.release(0));
    while (world.inFlight().length > 0) await take(world, () => world.answer(0, 200));
    const isAtRest = world.operations.length === 0 && !world.isLocked();
    if (isAtRest && world.calls.every(({ outcome }) => outcome)) return;
    await pass(250);
  }
}

/** What holds after each step. */
function check(world: World): void {
  expect(world.broken).toEqual([]);
  if (!world.hasFailed && !world.hasClosed) {
    expect(world.inFlight().length, 'requests at one time').toBeLessThanOrEqual(1);
  }
  for (const { kind, madeAt, outcome, isAborted } of world.calls) {
    if (!outcome?.token) continue;
    const request = world.requests.find(({ accessToken }) => accessToken === outcome.token);
    expect(request?.isAnswered, `${outcome.token} was issued`).toBe(true);
    if (kind === 'forced') expect(request?.sentAt, 'sent after the call').toBeGreaterThan(madeAt);
    expect(isAborted, 'a token for a caller that has left').toBe(false);
  }
}

/** What holds when everything has gone on. */
function checkEnd(world: World): void {
  for (const { outcome, kind } of world.calls) expect(outcome, `${kind} call ends`).toBeDefined();
  expect(world.isLocked(), 'locked').toBe(false);
  expect(world.operations).toEqual([]);
  if (world.hasFailed || world.hasClosed) return;
  const last = world.requests.findLast(({ isAnswered }) => isAnswered)?.accessToken;
  const isFailure = world.text()?.includes('"failure"');
  if (last !== undefined && !isFailure) expect(world.text()).toContain(`"${last}"`);
}

let schedules = 0;
let stepsTaken = 0;
const seed = Number(process.env.SIMULATION_SEED ?? Date.now() % 2 ** 31);
afterAll(() =>
  console.log(`manager simulation: ${schedules} schedules, ${stepsTaken} steps, seed ${seed}`),
);

async function play(schedule: readonly Step[]): Promise<void> {
  const world = createWorld(managers);
  schedules++;
  for (const next of schedule) {
    stepsTaken++;
    await take(world, next);
    check(world);
  }
  await drain(world);
  check(world);
  checkEnd(world);
}

it('keeps each promise under any schedule without faults', async () => {
  const schedule = fc.array(step, { minLength: 5, maxLength: 80, size: 'max' });
  await fc.assert(fc.asyncProperty(schedule, play), { ...runs(400), seed });
});

it('ends each wait, and keeps quiet once closed, whatever is refused, closed or late', async () => {
  const any = fc.oneof({ weight: 9, arbitrary: step }, { weight: 1, arbitrary: fault });
  const schedule = fc.array(any, { minLength: 5, maxLength: 80, size: 'max' });
  await fc.assert(fc.asyncProperty(schedule, play), { ...runs(400), seed });
});
