import axios from 'axios';
import type { AxiosConfigLike } from './axios-types.js';

/** The caller's wish to stop, in all the forms that axios knows, as one signal; and the time that is left. */
export interface AxiosWait {
  readonly signal: AbortSignal | undefined;
  /** The config's timeout less what has been waited; 0 where there is none. */
  remainingMs(): number;
  /** Has to be called when the request is over. */
  end(): void;
}

/**
 * Starts the clock of a request. axios counts its timeout from the moment its adapter starts, and heeds
 * signal and cancel token only there: the wait for a token comes before.
 */
export function startWait(config: AxiosConfigLike): AxiosWait {
  const { timeout = 0, signal, cancelToken } = config;
  if (timeout <= 0 && !signal && !cancelToken) {
    return { signal: undefined, remainingMs: () => 0, end: () => undefined };
  }
  const endsAt = performance.now() + timeout;
  const controller = new AbortController();
  const stop = (reason: unknown): void => controller.abort(reason);
  const onAbort = (): void => stop(new axios.CanceledError(undefined, config as never));
  const timer =
    timeout > 0 ? setTimeout(() => stop(timeoutError(config)), timeout).unref() : undefined;
  if (signal?.aborted) onAbort();
  else signal?.addEventListener('abort', onAbort);
  cancelToken?.subscribe(stop);
  return {
    signal: controller.signal,
    remainingMs: () => (timeout > 0 ? Math.max(1, Math.round(endsAt - performance.now())) : 0),
    end() {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      cancelToken?.unsubscribe(stop);
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
