// Keeps calls inside TT's quotas, with all other processes that have the same limiter; used by paced-workers.ts.
import axios, { isAxiosError, type AxiosInstance } from 'axios';
import axiosRetry from 'axios-retry';
import { setTimeout as wait } from 'node:timers/promises';
import { RateLimiterRes, type RateLimiterAbstract } from 'rate-limiter-flexible';

// TT's free plan. All programs with one app key share its quotas: give each program its part.
const { REQUESTS_PER_SECOND = '3', POST_INTERVAL_SECONDS = '10' } = process.env;
const postSeconds = Number(POST_INTERVAL_SECONDS);
const places = Array.from({ length: Number(REQUESTS_PER_SECOND) }, (_, i) => `place-${i}`);

/** An order passes reports. */
export type Importance = 'order' | 'report';
export type Pacer = ReturnType<typeof createPacer>;

/** Paces calls by keys of which each is held by one call at a time, among all processes. */
export function createPacer(limiter: RateLimiterAbstract) {
  const lines = new Map<string, Promise<unknown>>();

  /** Takes a key; returns for how many milliseconds another call holds it, 0 if it is ours. */
  async function take(key: string): Promise<number> {
    const result: unknown = await limiter.consume(key).catch((refusal: unknown) => refusal);
    if (!(result instanceof RateLimiterRes)) throw result;
    return result.consumedPoints > 1 ? Math.max(1, result.msBeforeNext) : 0;
  }

  async function untilFree(key: string): Promise<void> {
    for (let held; (held = await limiter.get(key)) && held.msBeforeNext > 0;) {
      await wait(held.msBeforeNext);
    }
  }

  async function takeFirst(keys: readonly string[], importance: Importance): Promise<string> {
    for (;;) {
      if (importance === 'report') await untilFree(`order-waits-for-${keys[0]}`);
      await untilFree('pause');
      let soonest = 1_000; // a hold may end sooner than it was to
      for (const key of keys) {
        const heldMs = await take(key);
        if (heldMs === 0) return key;
        soonest = Math.min(soonest, heldMs);
      }
      // An order that waits holds back the reports of all processes.
      if (importance === 'order') await limiter.block(`order-waits-for-${keys[0]}`, 1);
      await wait(soonest);
    }
  }

  /** First come, first served: only the first in line asks, one line for orders and one for reports. */
  function queue(keys: readonly string[], importance: Importance): Promise<string> {
    const line = `${importance} ${keys[0]}`;
    const turn = (lines.get(line) ?? Promise.resolve()).then(() => takeFirst(keys, importance));
    const noMatterHow = turn.catch(() => undefined);
    lines.set(line, noMatterHow);
    return turn;
  }

  /** Waits for a place, and gives it back a second after the answer: by then TT has counted the call. */
  async function call<T>(importance: Importance, send: () => Promise<T>): Promise<T> {
    const place = await queue(places, importance);
    return await send().finally(() => limiter.block(place, 1));
  }

  return {
    call,
    async post<T>(importance: Importance, send: () => Promise<T>): Promise<T> {
      await queue(['post'], importance);
      // Held until the answer; if this process dies before, for half a minute.
      await limiter.block('post', postSeconds + 30);
      return await call(importance, send).finally(() => limiter.block('post', postSeconds));
    },
    /** After a 429 nobody sends for as long as it says. */
    pause: (retryAfter: unknown) => limiter.block('pause', Math.max(1, Number(retryAfter) || 1)),
  };
}

/** Makes an axios instance wait before each attempt, retries included, and send again what got a 429. */
export function pace(client: AxiosInstance, pacer: Pacer, importance: Importance): void {
  const send = axios.getAdapter(client.defaults.adapter);
  client.defaults.adapter = (config) =>
    pacer[config.method === 'post' ? 'post' : 'call'](importance, () =>
      send(config).catch(async (error: unknown) => {
        const refused = isAxiosError(error) && error.response?.status === 429;
        if (refused) await pacer.pause(error.response?.headers['retry-after']);
        throw error;
      }),
    );
  axiosRetry(client, {
    retries: 5,
    retryCondition: ({ response }) => response?.status === 429,
    shouldResetTimeout: true,
  });
}
