import axios from 'axios';
import type { AxiosConfigLike } from './types.js';

/** The clock of a request: axios counts its timeout from when its adapter starts, and a wait for a token comes before. */
export interface AxiosClock {
  /** The timeout for what is left of the caller's time, for a config; nothing where no time is counted. */
  remaining(): Partial<AxiosConfigLike>;
  /** Runs a wait for a token under a signal that is aborted when the caller stops or the time is over. */
  waiting<Result>(wait: (signal?: AbortSignal) => Promise<Result>): Promise<Result>;
}

const noClock: AxiosClock = { remaining: () => ({}), waiting: (wait) => wait() };

/** What Node's timers can count. */
const longestMs = 2 ** 31 - 1;

/** Starts the clock of a request. */
export function startClock(config: AxiosConfigLike): AxiosClock {
  const { signal, cancelToken } = config;
  const timeoutMs = config.timeout ? timeoutOf(config.timeout) : 0;
  // Not while axios itself listens: with two listeners for each request Node warns of a leak at six.
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
          ? setTimeout(() => stop(timeoutError(config)), Math.min(remainingMs(), longestMs)).unref()
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

/** A timeout as axios reads it; 0 where there is none, or one that axios itself will refuse. */
function timeoutOf(timeout: unknown): number {
  return Math.max(0, Number.parseInt(String(timeout), 10) || 0);
}

/** What axios would say of a timeout. */
function timeoutMessage({ timeout, timeoutErrorMessage }: AxiosConfigLike): string {
  return timeoutErrorMessage || `timeout of ${timeout}ms exceeded`;
}

function timeoutError(config: AxiosConfigLike): Error {
  const code = config.transitional?.clarifyTimeoutError === true ? 'ETIMEDOUT' : 'ECONNABORTED';
  return new axios.AxiosError(timeoutMessage(config), code, config as never);
}
