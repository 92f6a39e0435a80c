import { describe, expect, it, vi } from 'vitest';
import {
  at,
  errorOf,
  getFirst,
  pass,
  second,
  settle,
  start,
  startAll,
  tokenOf,
  useFakeClock,
} from './setup.js';

useFakeClock();

const stepClock = (ms: number): void => void vi.setSystemTime(Date.now() + ms);

describe.each([-60, -30, -1, 1, 30, 60])('a clock that is set by %i s', (seconds) => {
  it('costs no request beyond that for the refused token, and none in a new process', async () => {
    const { managers, requests } = startAll(8);
    await getFirst({ manager: at(managers, 0).manager, requests }, 'token-0');
    for (const subject of managers) expect(await tokenOf(subject)).toBe('token-0');
    for (const round of [1, 2, 3]) {
      stepClock(seconds * second);
      for (const { manager } of managers) manager.invalidate(`token-${round - 1}`);
      const calls = managers.map(({ manager }) => manager.getToken());
      await settle();
      at(requests, round).grant(`token-${round}`);
      await pass(second);
      for (const token of await Promise.all(calls))
        expect(token.accessToken).toBe(`token-${round}`);
      expect(requests).toHaveLength(round + 1);
      // The next refusal is past the spacing, wherever the clock stands.
      await pass(600 * second);
    }
  });
});

describe.each([-60, -30, -1])('a clock that is set back, by %i s,', (seconds) => {
  it('keeps nobody from the next attempt for longer than the back-off', async () => {
    const subject = start();
    const failed = errorOf(subject.manager.getToken());
    await settle();
    at(subject.requests, 0).answer(500);
    await failed;
    stepClock(seconds * second);
    await errorOf(subject.manager.getToken());
    await pass(second);
    const call = subject.manager.getToken();
    await settle();
    at(subject.requests, -1).grant('token-1');
    expect((await call).accessToken).toBe('token-1');
    expect(subject.requests).toHaveLength(2);
  });

  it('keeps no refused token whose wait is over', async () => {
    const subject = start();
    await getFirst(subject, 'token-1');
    subject.manager.invalidate('token-1');
    await getFirst(subject, 'token-2');
    await pass(10 * second);
    stepClock(seconds * second);
    subject.manager.invalidate('token-2');
    expect(subject.last('rejected')).toMatchObject({ willRefresh: true });
  });

  it('keeps no refused token for longer than the spacing', async () => {
    const subject = start();
    await getFirst(subject, 'token-1');
    subject.manager.invalidate('token-1');
    await getFirst(subject, 'token-2');
    stepClock(seconds * second);
    subject.manager.invalidate('token-2');
    await pass(second);
    subject.manager.invalidate('token-2');
    const call = subject.manager.getToken();
    await settle();
    at(subject.requests, 2).grant('token-3');
    expect((await call).accessToken).toBe('token-3');
  });
});
