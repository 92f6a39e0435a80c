// Keeps calls inside TT's quotas, with all other processes that have the same limiter; used by paced-workers.ts.
import axios, { type AxiosError, type AxiosInstance } from 'axios';
import axiosRetry from 'axios-retry';
import { setTimeout as wait } from 'node:timers/promises';
import { RateLimiterRes, type RateLimiterAbstract } from 'rate-limiter-flexible';

// TT's free plan. All programs with one app key share its quotas: give each program its part.
const { REQUESTS_PER_SECOND = '3', POST_INTERVAL_SECONDS = '10' } = process.env;
const { REQUESTS_PER_DAY = '10000', KEPT_FOR_ORDERS = '1000' } = process.env;
const postSeconds = Number(POST_INTERVAL_SECONDS);
const places = Array.from({ length: Number(REQUESTS_PER_SECOND) }, (_, i) => `place-${i}`);
// Assumed, as TT does not say it: a request counts when it arrives, at the latest this long after it was sent, or with
// its answer; a day begins at midnight UTC.
const arrivalMs = 250;
export type Importance = 'order' | 'report'; // an order passes reports
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

  async function untilFree(key: string, signal?: AbortSignal): Promise<void> {
    for (let held; (held = await limiter.get(key)) && held.msBeforeNext > 0;)
      await wait(held.msBeforeNext, undefined, { signal });
  }

  async function takeFirst(keys: string[], importance: Importance, signal?: AbortSignal) {
    for (;;) {
      signal?.throwIfAborted();
      if (importance === 'report') await untilFree(`order-waits-for-${keys[0]}`, signal);
      await untilFree('pause', signal);
      let soonest = 1_000; // a hold may end sooner than it was to
      for (const key of keys) {
        const heldMs = await take(key);
        if (heldMs === 0) return key;
        soonest = Math.min(soonest, heldMs);
      }
      // An order that waits holds back the reports of all processes.
      if (importance === 'order') await limiter.block(`order-waits-for-${keys[0]}`, 1);
      await wait(soonest, undefined, { signal });
    }
  }

  /** First come, first served: only the first in line asks, one line for orders and one for reports. */
  function queue(keys: string[], importance: Importance, signal?: AbortSignal): Promise<string> {
    const line = `${importance} ${keys[0]}`;
    const turn = (lines.get(line) ?? Promise.resolve()).then(() =>
      takeFirst(keys, importance, signal),
    );
    lines.set(
      line,
      turn.catch(() => undefined),
    );
    if (!signal) return turn;
    const left = new AbortController();
    const ends = { signal: AbortSignal.any([signal, left.signal]), ref: false };
    return Promise.race([turn, wait(2 ** 31 - 1, '', ends)]).finally(() => left.abort());
  }

  /** Counts a call in the day's budget, of which reports leave a part to orders. */
  async function spend(importance: Importance): Promise<void> {
    const day = `day-${new Date().toISOString().slice(0, 10)}`;
    const kept = importance === 'order' ? 0 : Number(KEPT_FOR_ORDERS);
    const { consumedPoints: spent = 0 } = (await limiter.get(day)) ?? {};
    if (spent >= Number(REQUESTS_PER_DAY) - kept)
      throw new Error(`the day's budget is spent for every ${importance}`);
    await limiter.penalty(day, 1, { customDuration: 90_000 });
  }

  /** Waits for a key of each line, sends, and gives them back after the arrival, however long the answer takes. */
  function paced(keys: string[][]) {
    return async <T>(by: Importance, send: () => Promise<T>, signal?: AbortSignal) => {
      const held: string[] = [];
      try {
        for (const some of keys) {
          held.push(await queue(some, by, signal));
          if (held[0] === 'post') await limiter.block('post', postSeconds + 30); // until it is sent
        }
        await spend(by);
      } catch (error) {
        await Promise.all(held.map((key) => limiter.delete(key))); // nothing was sent
        throw error;
      }
      const answer = send();
      const giveBack = (key: string) => limiter.block(key, key === 'post' ? postSeconds : 1);
      const arrived = Promise.race([answer, wait(arrivalMs, undefined, { ref: false })]);
      arrived.finally(() => Promise.all(held.map(giveBack))).catch(() => undefined);
      return await answer;
    };
  }
  return {
    call: paced([places]),
    post: paced([['post'], places]),
    /** After a 429 nobody sends for as long as it says. */
    pause: (retryAfter: unknown) => limiter.block('pause', Math.max(1, Number(retryAfter) || 1)),
  };
}

const isRefused = ({ response }: AxiosError) => response?.status === 429;
/** Makes an axios instance wait before each attempt, retries included, and send again what got a 429. */
export function pace(client: AxiosInstance, pacer: Pacer, importance: Importance): void {
  const send = axios.getAdapter(client.defaults.adapter);
  const pauseIfRefused = async (error: AxiosError): Promise<never> => {
    if (isRefused(error)) await pacer.pause(error.response?.headers['retry-after']);
    throw error;
  };
  client.defaults.adapter = (config) => {
    const paced = config.method === 'post' ? pacer.post : pacer.call;
    const signal = config.signal as AbortSignal | undefined;
    return paced(importance, () => send(config).catch(pauseIfRefused), signal);
  };
  axiosRetry(client, { retries: 5, retryCondition: isRefused, shouldResetTimeout: true });
}
