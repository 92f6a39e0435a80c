import { singleFlight } from '../base/single-flight.js';
import type { Refreshed } from './refresh.js';
import type { RefreshRequest } from './refresh-request.js';

/*
 * One refresh at a time, which all share who ask for it.
 *
 * 1. A needed refresh joins whatever is under way; after a forced one that failed it tries by itself.
 * 2. A forced one wants a token whose request is sent after the call. It joins a refresh whose request has not
 *    been sent; else it waits for the end of the one under way. All that wait share the next one.
 */

/** The refreshes of one manager. */
export interface Flights {
  /** Joins or starts a refresh that the token held needs. */
  needed(): Promise<Refreshed>;
  /** Joins or starts a refresh that brings a token obtained after `askedAt`, epoch ms. */
  forced(askedAt: number): Promise<Refreshed>;
  /** Resolves when nothing is under way. */
  ended(): Promise<unknown>;
}

/** Creates the {@link Flights} of one manager. */
export function createFlights(
  refresh: (request: RefreshRequest) => Promise<Refreshed>,
  requestOf: { needed(): RefreshRequest; forced(askedAt: number): RefreshRequest },
): Flights {
  const needed = singleFlight<Refreshed>();
  const forced = singleFlight<Refreshed>();
  let underWay: RefreshRequest | undefined;

  const settled = (flight?: Promise<Refreshed>): Promise<Refreshed | undefined> | undefined =>
    flight?.catch(() => undefined);

  async function start(request: RefreshRequest): Promise<Refreshed> {
    underWay = request;
    try {
      // Its time limits start after the timer that may have caused it: a test may set timers forward by an hour.
      await Promise.resolve();
      return await refresh(request);
    } finally {
      underWay = undefined;
    }
  }

  function startForced(askedAt: number): Promise<Refreshed> {
    return forced.run(async () => {
      const isJoining = underWay !== undefined;
      const refreshed = await settled(needed.current());
      const isFetched = refreshed?.durationMs !== undefined;
      return isJoining && isFetched ? refreshed : start(requestOf.forced(askedAt));
    });
  }

  return {
    needed: () =>
      needed.run(async () => {
        const joined = forced.current();
        return (joined && (await settled(joined))) ?? start(requestOf.needed());
      }),
    async forced(askedAt) {
      while (underWay?.isSent) await settled(forced.current() ?? needed.current());
      underWay?.join?.(askedAt);
      return startForced(askedAt);
    },
    ended: () => Promise.allSettled([needed.current(), forced.current()]),
  };
}
