import axios from 'axios';
import type { AxiosConfigLike } from './types.js';

/** The clock of a request: axios counts its timeout from when its adapter starts, and a wait for a token comes before. */
export interface AxiosClock {
  /** The config's timeout less what has been waited; 0 where there is none. */
  remainingMs(): number;
  /** Runs a wait for a token under a signal that is aborted when the caller stops or the time is over. */
  waiting<Result>(wait: (signal?: AbortSignal) => Promise<Result>): Promise<Result>;
}

const noClock: AxiosClock = { remainingMs: () => 0, waiting: (wait) => wait() };

/** Starts the clock of a request. */
export function startClock(config: AxiosConfigLike): AxiosClock {
  const { timeout = 0, signal, cancelToken } = config;
  // Not while axios itself listens: with two listeners for each request Node warns of a leak at six.
  if (timeout <= 0 && !signal && !cancelToken) return noClock;
  const endsAt = timeout > 0 ? performance.now() + timeout : Infinity;
  const remainingMs = (): number =>
    timeout > 0 ? Math.max(1, Math.round(endsAt - performance.now())) : 0;

  return {
    remainingMs,
    async waiting(wait) {
      const controller = new AbortController();
      const stop = (reason: unknown): void => controller.abort(reason);
      const onAbort = (): void => stop(new axios.CanceledError(undefined, config as never));
      const timer =
        timeout > 0
          ? setTimeout(() => stop(timeoutError(config)), remainingMs()).unref()
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

/** What axios would say of a timeout. */
export function timeoutMessage({ timeout = 0, timeoutErrorMessage }: AxiosConfigLike): string {
  return timeoutErrorMessage ?? `timeout of ${timeout}ms exceeded`;
}

function timeoutError(config: AxiosConfigLike): Error {
  const code = config.transitional?.clarifyTimeoutError === true ? 'ETIMEDOUT' : 'ECONNABORTED';
  return new axios.AxiosError(timeoutMessage(config), code, config as never);
}
