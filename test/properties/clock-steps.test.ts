import fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import {
  at,
  pass,
  second,
  settle,
  startAll,
  useFakeClock,
  type Started,
} from '../manager/setup.js';
import { runs } from './runs.js';

useFakeClock();

/** What one of several managers does, or the clock. */
type Act =
  | { readonly kind: 'refused' | 'forced' | 'awaited'; readonly manager: number }
  | { readonly kind: 'step'; readonly ms: number };

const managers = 4;
const act: fc.Arbitrary<Act> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('refused' as const, 'forced' as const, 'awaited' as const),
    manager: fc.nat(managers - 1),
  }),
  fc.record({ kind: fc.constant('step' as const), ms: fc.integer({ min: -60_000, max: 60_000 }) }),
);

/** Lets all managers ask, and the endpoint answer, until each has a token. */
async function askAll(
  started: readonly Started[],
  requests: ReturnType<typeof startAll>['requests'],
  first: (subject: Started) => Promise<unknown>,
): Promise<readonly string[]> {
  let granted = requests.length;
  const calls = Promise.all(started.map(first));
  let isDone = false as boolean;
  void calls.finally(() => (isDone = true));
  for (let turns = 0; !isDone && turns < 100; turns++) {
    await settle();
    while (granted < requests.length) at(requests, granted).grant(`token-${granted++}`);
    await pass(10);
  }
  await calls;
  return Promise.all(started.map(async ({ manager }) => (await manager.getToken()).accessToken));
}

it('steps of the clock cost one token request each at the most, whatever is done between them', async () => {
  const property = async (acts: readonly Act[]): Promise<void> => {
    const { managers: started, requests } = startAll(managers);
    await askAll(started, requests, ({ manager }) => manager.getToken());
    let allowed = requests.length;
    expect(allowed).toBe(1);
    for (const one of acts) {
      if (one.kind === 'step') {
        vi.setSystemTime(Date.now() + one.ms);
        allowed++;
        continue;
      }
      const { kind } = one;
      const subject = at(started, one.manager);
      // No spacing of refusals is in the way.
      await pass(600 * second);
      if (kind === 'awaited') {
        await askAll(started, requests, ({ manager }) => manager.getToken());
      } else if (kind === 'forced') {
        allowed++;
        await askAll([subject], requests, ({ manager }) =>
          manager.getToken({ forceRefresh: true }),
        );
      } else {
        allowed++;
        const { accessToken: refused } = await subject.manager.getToken();
        const holders: Started[] = [];
        for (const other of started) {
          if ((await other.manager.getToken()).accessToken === refused) holders.push(other);
        }
        const tokens = await askAll(holders, requests, ({ manager }) => {
          manager.invalidate(refused);
          return manager.getToken();
        });
        expect(tokens).not.toContain(refused);
        expect(new Set(tokens).size).toBe(1);
      }
      expect(requests.length).toBeLessThanOrEqual(allowed);
    }
    await Promise.all(started.map(({ manager }) => manager.close()));
  };
  const acts = fc.array(act, { minLength: 1, maxLength: 8 });
  await fc.assert(fc.asyncProperty(acts, property), runs(60));
});
