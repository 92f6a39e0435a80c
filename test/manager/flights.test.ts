import { describe, expect, it } from 'vitest';
import { createFlights } from '../../src/manager/flights.js';
import type { Refreshed } from '../../src/manager/refresh.js';
import type { RefreshRequest } from '../../src/manager/refresh-request.js';
import { at, errorOf, follow, pass, settle, useFakeClock } from './setup.js';

useFakeClock();

/** A refresh that the test sends and ends. */
interface HeldRefresh {
  readonly request: RefreshRequest;
  /** Ends it with a token that its own request brought. */
  give(accessToken: string): void;
  /** Ends it with a token that was stored. */
  find(accessToken: string): void;
  fail(): void;
}

/** Flights whose refreshes the test holds. */
function startFlights() {
  const refreshes: HeldRefresh[] = [];
  const request = (reason: RefreshRequest['reason']) => (): RefreshRequest => ({
    reason,
    startedAt: Date.now(),
    isEnough: () => false,
  });
  const flights = createFlights(
    (asked) =>
      new Promise<Refreshed>((resolve, reject) => {
        const end = (accessToken: string, part: Partial<Refreshed>) => {
          const token = { accessToken, tokenType: 'bearer', obtainedAt: 1, expiresAt: 2 };
          resolve({ token, ...part });
        };
        refreshes.push({
          request: asked,
          give: (accessToken) => end(accessToken, { durationMs: 0 }),
          find: (accessToken) => end(accessToken, {}),
          fail: () => reject(new Error('no token')),
        });
      }),
    { needed: request('missing'), forced: request('forced') },
  );
  return { flights, refreshes };
}

describe('the refreshes of a manager', () => {
  it('are shared by needed callers', async () => {
    const { flights, refreshes } = startFlights();
    const calls = [flights.needed(), flights.needed()];
    await settle();
    expect(refreshes).toHaveLength(1);
    at(refreshes, 0).give('one');
    for (const { token } of await Promise.all(calls)) expect(token.accessToken).toBe('one');
  });

  it('let a forced call join one whose request has not been sent', async () => {
    const { flights, refreshes } = startFlights();
    const needed = flights.needed();
    await settle();
    const forced = flights.forced(Date.now());
    await settle();
    at(refreshes, 0).request.isSent = true;
    at(refreshes, 0).give('one');
    expect((await needed).token.accessToken).toBe('one');
    expect((await forced).token.accessToken).toBe('one');
    expect(refreshes).toHaveLength(1);
  });

  it.each([false, true])(
    'ask again for a forced call where the joined one found a token (its own request failed: %s)',
    async (isSent) => {
      const { flights, refreshes } = startFlights();
      void flights.needed();
      await settle();
      const forced = follow(flights.forced(Date.now()));
      await settle();
      at(refreshes, 0).request.isSent = isSent;
      at(refreshes, 0).find('stored');
      await settle();
      expect(at(refreshes, 1).request.reason).toBe('forced');
      at(refreshes, 1).give('fetched');
      await settle();
      expect(forced()).toMatchObject({ value: { token: { accessToken: 'fetched' } } });
    },
  );

  it('make forced calls that come after the request share the next one', async () => {
    const { flights, refreshes } = startFlights();
    const first = flights.forced(Date.now());
    await settle();
    at(refreshes, 0).request.isSent = true;
    const later = [flights.forced(Date.now()), flights.forced(Date.now())];
    await pass(1);
    expect(refreshes).toHaveLength(1);
    at(refreshes, 0).give('one');
    expect((await first).token.accessToken).toBe('one');
    await settle();
    expect(refreshes).toHaveLength(2);
    at(refreshes, 1).give('two');
    for (const { token } of await Promise.all(later)) expect(token.accessToken).toBe('two');
  });

  it('start by themselves for a needed call after a forced one that failed', async () => {
    const { flights, refreshes } = startFlights();
    const forced = errorOf(flights.forced(Date.now()));
    await settle();
    const needed = flights.needed();
    at(refreshes, 0).fail();
    expect(await forced).toMatchObject({ message: 'no token' });
    await settle();
    expect(at(refreshes, 1).request.reason).toBe('missing');
    at(refreshes, 1).give('one');
    expect((await needed).token.accessToken).toBe('one');
  });

  it('have ended when none is under way, failed ones too', async () => {
    const { flights, refreshes } = startFlights();
    await flights.ended();
    flights.needed().catch(() => undefined);
    await settle();
    const ended = follow(flights.ended());
    await settle();
    expect(ended().state).toBe('pending');
    at(refreshes, 0).fail();
    await settle();
    expect(ended().state).toBe('fulfilled');
  });
});
