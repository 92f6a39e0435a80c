import { describe, expect, it } from 'vitest';
import { memoryStore } from '../../src/index.js';
import { grantingFetch } from '../helpers/granting-fetch.js';
import {
  at,
  getFirst,
  hour,
  pass,
  second,
  settle,
  start,
  startOfTime,
  tokenOf,
  useFakeClock,
  type Started,
} from './setup.js';

useFakeClock();

/** What fits into an hour of nothing but refusals: 1 s, 2 s, 4 s ... 512 s, then 10 min. */
const mostInAnHour = 15;

describe('refreshes caused by refusals', () => {
  it('come at once, then 1 s, 2 s, 4 s ... 10 min after the one before', async () => {
    const { fetch, granted } = grantingFetch();
    const subject = start({ fetch });
    const refreshedAt: number[] = [];
    await subject.manager.getToken();
    while (Date.now() < startOfTime + hour) {
      const before = granted();
      subject.manager.invalidate(await tokenOf(subject));
      await subject.manager.getToken();
      if (granted() > before) refreshedAt.push(Date.now());
      await pass(500);
    }
    const waits = refreshedAt.slice(1).map((instant, i) => instant - at(refreshedAt, i));
    expect(waits.map((wait) => wait / second)).toEqual([
      1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600, 600, 600,
    ]);
    expect(refreshedAt).toHaveLength(mostInAnHour);
  });

  it('leave the token in place inside the wait', async () => {
    const subject = start();
    await getFirst(subject, 'token-1');
    subject.manager.invalidate('token-1');
    await getFirst(subject, 'token-2');
    for (let refusal = 0; refusal < 9; refusal++) {
      subject.manager.invalidate('token-2');
      expect(subject.last('rejected')).toMatchObject({ willRefresh: false });
      expect(await tokenOf(subject)).toBe('token-2');
      await pass(100);
    }
    expect(subject.requests).toHaveLength(2);
    await pass(100);
    subject.manager.invalidate('token-2');
    expect(subject.last('rejected')).toMatchObject({ willRefresh: true });
    await getFirst(subject, 'token-3');
    expect(subject.requests).toHaveLength(3);
  });

  it('start at once again after a token has stood unrefused for the current wait', async () => {
    const subject = start();
    await getFirst(subject, 'token-1');
    for (const [number, wait] of [0, 1, 2, 4].entries()) {
      // A refusal just before the end of each wait: none of these tokens stands.
      await pass(Math.max(0, wait * second - 1));
      subject.manager.invalidate(`token-${number + 1}`);
      await pass(wait === 0 ? 0 : 1);
      if (wait > 0) subject.manager.invalidate(`token-${number + 1}`);
      await getFirst(subject, `token-${number + 2}`);
    }
    // The wait is 8 s now.
    await pass(8 * second);
    subject.manager.invalidate('token-5');
    await getFirst(subject, 'token-6');
    await pass(second);
    subject.manager.invalidate('token-6');
    expect(subject.last('rejected')).toMatchObject({ willRefresh: true });
    await getFirst(subject, 'token-7');
    expect(subject.requests).toHaveLength(7);
  });

  it('start anew with a manager that has seen none for the wait, though another has', async () => {
    const { fetch } = grantingFetch();
    const store = memoryStore();
    const refusing = start({ fetch, store });
    const content = start({ fetch, store });
    const refuse = async (subject: Started): Promise<unknown> => {
      subject.manager.invalidate(await tokenOf(subject));
      return subject.last('rejected');
    };
    await refuse(refusing);
    await tokenOf(refusing);
    await tokenOf(content);
    await pass(second - 1);
    expect(await refuse(refusing)).toMatchObject({ willRefresh: false });
    await pass(1);
    expect(await refuse(content)).toMatchObject({ willRefresh: true });
    await tokenOf(content);
    await pass(second);
    expect(await refuse(content)).toMatchObject({ willRefresh: true });
  });

  it('cost no more among 8 managers that complain for an hour than in one', async () => {
    const { fetch, granted } = grantingFetch();
    const store = memoryStore();
    const managers = Array.from({ length: 8 }, () => start({ fetch, store }));
    for (const subject of managers) await tokenOf(subject);
    const first = granted();
    expect(first).toBe(1);
    for (let round = 0; Date.now() < startOfTime + hour; round++) {
      const { manager } = at(managers, round % managers.length);
      const { accessToken } = await manager.getToken();
      manager.invalidate(accessToken);
      await manager.getToken();
      await pass(100);
    }
    expect(granted() - first).toBeLessThanOrEqual(mostInAnHour);
    expect(granted() - first).toBeGreaterThanOrEqual(12);
  });

  it('cost no more among 8 managers with autoRefresh', async () => {
    const { fetch, granted } = grantingFetch();
    const store = memoryStore();
    const managers = Array.from({ length: 8 }, () => start({ fetch, store, autoRefresh: true }));
    for (const subject of managers) await tokenOf(subject);
    while (Date.now() < startOfTime + hour) {
      for (const { manager } of managers)
        manager.invalidate((await manager.getToken()).accessToken);
      await pass(500);
    }
    expect(granted() - 1).toBeLessThanOrEqual(mostInAnHour);
  });

  it('happen without a caller where autoRefresh is on, and not where it is off', async () => {
    const idle = start({ autoRefresh: true });
    await getFirst(idle, 'token-1');
    idle.manager.invalidate('token-1');
    await settle();
    expect(idle.requests).toHaveLength(2);
    at(idle.requests, 1).grant('token-2');
    await settle();
    expect(await tokenOf(idle)).toBe('token-2');

    const lazy = start();
    await getFirst(lazy, 'token-1');
    lazy.manager.invalidate('token-1');
    await pass(hour);
    expect(lazy.requests).toHaveLength(1);
  });
});
