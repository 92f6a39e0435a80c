import { describe, expect, it, vi } from 'vitest';
import { grantingFetch } from '../helpers/granting-fetch.js';
import {
  at,
  day,
  getFirst,
  hour,
  minute,
  pass,
  second,
  settle,
  start,
  startAll,
  startOfTime,
  tokenOf,
  useFakeClock,
} from './setup.js';

useFakeClock();

const idle = { autoRefresh: true };

describe('autoRefresh', () => {
  it('refreshes the token of a manager that nobody calls, once it is ageing', async () => {
    const subject = start(idle);
    await getFirst(subject, 'token-1');
    await pass(day - 10 * minute - 1);
    expect(subject.requests).toHaveLength(1);
    await pass(1);
    expect(subject.requests).toHaveLength(2);
    at(subject.requests, 1).grant('token-2');
    await settle();
    expect(await tokenOf(subject)).toBe('token-2');
    expect(subject.last('refreshed')).toMatchObject({ reason: 'ageing' });
  });

  it('goes on for ever', async () => {
    const { fetch, granted } = grantingFetch(3_600);
    start({ ...idle, fetch });
    const { manager } = start({ ...idle, fetch });
    await manager.getToken();
    await pass(50 * hour);
    expect(granted()).toBe(61);
  });

  it('spreads over the first tenth of the ageing time', async () => {
    vi.mocked(Math.random).mockReturnValue(0.999_999);
    const subject = start(idle);
    await getFirst(subject, 'token-1');
    await pass(day - 10 * minute + 59 * second);
    expect(subject.requests).toHaveLength(1);
    await pass(second);
    expect(subject.requests).toHaveLength(2);
  });

  it('costs one request among idle managers on one store', async () => {
    let seed = 0;
    vi.mocked(Math.random).mockImplementation(() => (seed++ % 7) / 7);
    const { managers, requests } = startAll(7, idle);
    await getFirst({ manager: at(managers, 0).manager, requests }, 'token-1');
    for (const subject of managers) await tokenOf(subject);
    for (let elapsed = 0; elapsed < 9 * minute; elapsed += second) {
      await pass(elapsed === 0 ? day - 10 * minute : second);
      if (requests.length === 2) at(requests, 1).grant('token-2');
    }
    expect(requests).toHaveLength(2);
    for (const subject of managers) expect(await tokenOf(subject)).toBe('token-2');
  });

  it('does nothing where it is off', async () => {
    const subject = start({ autoRefresh: false });
    await getFirst(subject, 'token-1', 100);
    expect(vi.getTimerCount()).toBe(0);
    await pass(hour);
    expect(subject.requests).toHaveLength(1);
  });

  it('sets no timer before there is a token', async () => {
    const subject = start(idle);
    expect(vi.getTimerCount()).toBe(0);
    await subject.manager.status();
    const call = subject.manager.getToken().catch(() => undefined);
    await settle();
    at(subject.requests, 0).answer(401);
    await call;
    expect(vi.getTimerCount()).toBe(0);
    await pass(hour);
    expect(subject.requests).toHaveLength(1);
  });

  it('waits for a token of 60 days, longer than a timer can', async () => {
    const subject = start(idle);
    await getFirst(subject, 'token-1', (60 * day) / second);
    expect(vi.getTimerCount()).toBe(1);
    await pass(second);
    expect(subject.requests).toHaveLength(1);
    vi.setSystemTime(startOfTime + 60 * day - 10 * minute - 2 * second);
    await pass(second);
    expect(subject.requests).toHaveLength(1);
    await pass(minute);
    expect(subject.requests).toHaveLength(2);
  });

  it('notices within a minute that the machine has slept', async () => {
    const subject = start(idle);
    await getFirst(subject, 'token-1');
    await pass(hour);
    vi.setSystemTime(Date.now() + 2 * day);
    await pass(minute);
    expect(subject.requests).toHaveLength(2);
    at(subject.requests, 1).grant('token-2');
    await settle();
    expect(await tokenOf(subject)).toBe('token-2');
    expect(subject.last('refreshed')).toMatchObject({ reason: 'expired' });
  });

  it('goes by the clock when that is set back', async () => {
    const subject = start(idle);
    await getFirst(subject, 'token-1', 100);
    vi.setSystemTime(startOfTime - hour);
    await pass(hour + 50 * second - 1);
    expect(subject.requests).toHaveLength(1);
    await pass(1);
    expect(subject.requests).toHaveLength(2);
  });

  it('tries again after a failure, in its back-off', async () => {
    const subject = start(idle);
    await getFirst(subject, 'token-1', 1_000);
    await pass(500 * second);
    for (const [attempt, wait] of [1, 2, 4].entries()) {
      expect(subject.requests).toHaveLength(attempt + 2);
      at(subject.requests, -1).answer(500);
      await pass(wait * second - 1);
      expect(subject.requests).toHaveLength(attempt + 2);
      await pass(1);
    }
    at(subject.requests, -1).grant('token-2');
    await settle();
    expect(await tokenOf(subject)).toBe('token-2');
  });

  it('tries again in the back-off past the end of the token, without a caller', async () => {
    const subject = start(idle);
    await getFirst(subject, 'token-1', 10);
    await pass(5 * second);
    at(subject.requests, 1).answer(429, '', { 'retry-after': '60' });
    await pass(minute - 1);
    expect(subject.requests).toHaveLength(2);
    await pass(1);
    expect(subject.requests).toHaveLength(3);
    expect(subject.last('refreshFailed')).toMatchObject({ reason: 'ageing' });
    at(subject.requests, 2).grant('token-2');
    await settle();
    expect(subject.last('refreshed')).toMatchObject({ reason: 'expired' });
  });

  it('waits for the newer token after a caller’s own refresh', async () => {
    const subject = start(idle);
    await getFirst(subject, 'token-1', 100);
    await pass(40 * second);
    const forced = subject.manager.getToken({ forceRefresh: true });
    await settle();
    at(subject.requests, 1).grant('token-2', 100);
    await forced;
    expect(vi.getTimerCount()).toBe(1);
    await pass(50 * second - 1);
    expect(subject.requests).toHaveLength(2);
    await pass(1);
    expect(subject.requests).toHaveLength(3);
  });

  it('stops when the manager is closed', async () => {
    const subject = start(idle);
    await getFirst(subject, 'token-1', 100);
    await subject.manager.close();
    await pass(hour);
    expect(subject.requests).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
  });
});
