import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { describe, expect, it, vi } from 'vitest';
import { memoryStore, type TokenManagerEventName, type TokenStore } from '../../src/index.js';
import { breakableStore } from './broken-store.js';
import {
  at,
  errorOf,
  getFirst,
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

/** A store whose lock has always just been taken from a dead owner. */
function takenOverStore(): TokenStore {
  const inner = memoryStore();
  return {
    open(identity) {
      const session = inner.open(identity);
      const acquire: typeof session.acquire = (onTakeover) => {
        onTakeover?.('dead');
        return session.acquire();
      };
      return { ...session, acquire };
    },
  };
}

describe('the events', () => {
  it('are frozen objects, each when it should be', async () => {
    const { managers, requests } = startAll(2);
    const [one, other] = [at(managers, 0), at(managers, 1)];
    await getFirst({ manager: one.manager, requests }, 'token-1');
    await tokenOf(other);
    one.manager.invalidate('token-1');
    const call = one.manager.getToken();
    await settle();
    at(requests, 1).answer(429);
    await call;
    const span = { obtainedAt: startOfTime, expiresAt: startOfTime + 86_400_000 };
    expect(one.events).toEqual([
      { name: 'refreshed', event: { reason: 'missing', ...span, durationMs: 0 } },
      { name: 'rejected', event: { ...span, willRefresh: true } },
      {
        name: 'refreshFailed',
        event: {
          reason: 'refused',
          code: 'TOKEN_RATE_LIMITED',
          message: 'the token endpoint limits the rate of requests (429)',
          responseStatus: 429,
          retryAt: startOfTime + second,
          durationMs: 0,
        },
      },
    ]);
    expect(other.events).toEqual([{ name: 'adopted', event: span }]);
    for (const { event } of [...one.events, ...other.events]) {
      expect(Object.isFrozen(event)).toBe(true);
    }
  });

  it('say how long the token request took, its retries included', async () => {
    const subject = start();
    const first = subject.manager.getToken();
    await settle();
    await pass(40);
    at(subject.requests, 0).answer(503);
    await pass(260);
    at(subject.requests, 1).grant('token-1');
    await first;
    expect(subject.last('refreshed')).toMatchObject({ durationMs: 300 });
    const forced = errorOf(subject.manager.getToken({ forceRefresh: true }));
    await settle();
    await pass(70);
    at(subject.requests, 2).answer(401);
    await forced;
    expect(subject.last('refreshFailed')).toMatchObject({ durationMs: 70 });
  });

  it('tell of a store that fails, and of a lock that was taken over', async () => {
    const { store, broken } = breakableStore();
    broken.add('lock');
    const failing = start({ store });
    await getFirst(failing, 'token-1');
    expect(failing.events[0]).toEqual({
      name: 'storeFailed',
      event: { operation: 'lock', message: 'lock refused' },
    });
    const taking = start({ store: takenOverStore() });
    await getFirst(taking, 'token-1');
    expect(taking.events[0]).toEqual({ name: 'lockTakenOver', event: { ownerState: 'dead' } });
    for (const { events } of [failing, taking]) {
      for (const { event } of events) expect(Object.isFrozen(event)).toBe(true);
    }
  });

  it.each([
    ['missing', 0],
    ['expired', 100 * second],
    ['ageing', 60 * second],
  ] as const)('say why a refresh ran: %s', async (reason, age) => {
    const subject = start();
    if (reason !== 'missing') await getFirst(subject, 'token-0', 100);
    await pass(age);
    const call = subject.manager.getToken();
    await settle();
    at(subject.requests, -1).grant('token-1');
    await call;
    await settle();
    expect(subject.last('refreshed')).toMatchObject({ reason });
  });

  it('go to every listener until it unsubscribes, however often one is added', async () => {
    const subject = start();
    const listener = vi.fn();
    const offs = [
      subject.manager.on('refreshed', listener),
      subject.manager.on('refreshed', listener),
    ];
    await getFirst(subject, 'token-1', 10);
    expect(listener).toHaveBeenCalledTimes(2);
    at(offs, 0)();
    at(offs, 0)();
    await pass(10 * second);
    await getFirst(subject, 'token-2', 10);
    expect(listener).toHaveBeenCalledTimes(3);
    at(offs, 1)();
    await pass(10 * second);
    await getFirst(subject, 'token-3', 10);
    expect(listener).toHaveBeenCalledTimes(3);
  });

  it('break nothing when a listener throws, rejects, closes or calls back', async () => {
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    const subject = start();
    const inside: Promise<unknown>[] = [];
    subject.manager.on('refreshed', () => {
      throw new Error('a listener of mine');
    });
    const rejecting: () => unknown = () => Promise.reject(new Error('another one'));
    subject.manager.on('refreshed', rejecting);
    subject.manager.on('refreshed', () => void inside.push(subject.manager.getToken()));
    await getFirst(subject, 'token-1');
    expect(await Promise.all(inside)).toMatchObject([{ accessToken: 'token-1' }]);
    subject.manager.on('rejected', () => void subject.manager.close());
    subject.manager.invalidate('token-1');
    expect(await errorOf(subject.manager.getToken())).toMatchObject({ code: 'MANAGER_CLOSED' });
    await settle();
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });

  it('go to the diagnostics channels, too', async () => {
    const seen: [string | symbol, unknown][] = [];
    const note = (message: unknown, name: string | symbol): void => void seen.push([name, message]);
    const names = ['refreshed', 'rejected'].map((name) => `tt-token-manager:${name}`);
    for (const name of names) subscribe(name, note);
    const subject = start();
    await getFirst(subject, 'token-1');
    subject.manager.invalidate('token-1');
    for (const name of names) unsubscribe(name, note);
    expect(seen).toEqual(
      subject.events.map(({ name, event }) => [`tt-token-manager:${name}`, event]),
    );
    expect(seen).toHaveLength(2);
  });

  it('have names: any other is a mistake', () => {
    const { manager } = start();
    const wrong = 'refresh' as TokenManagerEventName;
    expect(() => manager.on(wrong, () => undefined)).toThrow(RangeError);
    expect(() => manager.on('refreshed', undefined as unknown as () => void)).toThrow(TypeError);
  });
});
