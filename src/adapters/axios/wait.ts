import axios from 'axios';
import { unref } from '../../base/timers.js';
import type { AxiosConfigLike } from './types.js';

/** The clock of a request: the wait for a token comes before axios's adapter, which starts axios's own clock. */
export interface AxiosClock {
  /** Returns the config fields for the time that is left; none if there is no timeout. */
  remaining(): Partial<AxiosConfigLike>;
  /** Runs a wait for a token; its signal is aborted when the caller aborts or the time is over. */
  waiting<Result>(wait: (signal?: AbortSignal) => Promise<Result>): Promise<Result>;
}

const noClock: AxiosClock = { remaining: () => ({}), waiting: (wait) => wait() };

/** The longest time that a Node timer takes. */
const longestMs = 2 ** 31 - 1;

/** Starts the clock of a request. */
export function startClock(config: AxiosConfigLike): AxiosClock {
  const { signal, cancelToken } = config;
  const timeoutMs = config.timeout ? timeoutOf(config.timeout) : 0;
  // axios listens too: with two listeners a request, Node would warn of a leak at six requests.
  if (timeoutMs === 0 && !signal && !cancelToken) return noClock;
  const endsAt = performance.now() + timeoutMs;
  const remainingMs = (): number => Math.max(1, Math.round(endsAt - performance.now()));

  return {
    remaining: () =>
      timeoutMs === 0
        ? {}
        : { timeout: remainingMs(), timeoutErrorMessage: timeoutMessage(config) },
    async waiting(wait) {
      const controller = new AbortController();
      const stop = (reason: unknown): void => controller.abort(reason);
      const onAbort = (): void => stop(new axios.CanceledError(undefined, config as never));
      const timer =
        timeoutMs > 0
          ? unref(setTimeout(() => stop(timeoutError(config)), Math.min(remainingMs(), longestMs)))
          : undefined;
      if (signal?.aborted) onAbort();
      else signal?.addEventListener('abort', onAbort);
      cancelToken?.subscribe(stop);
      try {
        return await wait(controller.signal);
      } finally {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
        cancelToken?.unsubscribe(stop);
      }
    },
  };
}

/** Returns a timeout as axios reads it; 0 if there is none, or if axios itself will reject it. */
function timeoutOf(timeout: unknown): number {
  return Math.max(0, Number.parseInt(String(timeout), 10) || 0);
}

/** Returns axios's own message for a timeout. */
function timeoutMessage({ timeout, timeoutErrorMessage }: AxiosConfigLike): string {
  return timeoutErrorMessage || `timeout of ${timeout}ms exceeded`;
}

function timeoutError(config: AxiosConfigLike): Error {
  const code = config.transitional?.clarifyTimeoutError === true ? 'ETIMEDOUT' : 'ECONNABORTED';
  return new axios.AxiosError(timeoutMessage(config), code, config as never);
}
