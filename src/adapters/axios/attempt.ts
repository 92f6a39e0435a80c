import axios from 'axios';
import { httpAdapter } from './inner-adapter.js';
import type { AxiosAdapterLike, AxiosConfigLike, AxiosResponseLike } from './types.js';

/** A response, or the error that axios made of it or of its absence. */
export type Outcome = { readonly response: AxiosResponseLike } | { readonly error: unknown };

/**
 * Calls an adapter with a copy of a config, some fields replaced. The config itself stays as it is: it may be
 * sent several times at a time.
 */
export async function attempt(
  inner: AxiosAdapterLike,
  config: AxiosConfigLike,
  changes: Partial<AxiosConfigLike>,
): Promise<Outcome> {
  const sent = copyOf(config, changes);
  try {
    return { response: await inner(sent) };
  } catch (error) {
    return { error };
  } finally {
    if (inner !== httpAdapter) handBack(sent, config, changes);
  }
}

/** A copy of a config as axios makes them: its prototype, and `hasOwnProperty`, are those of the config. */
function copyOf(config: AxiosConfigLike, changes: Partial<AxiosConfigLike>): AxiosConfigLike {
  const prototype = Object.getPrototypeOf(config) as object | null;
  const copy = Object.assign(Object.create(prototype) as object, config, changes);
  if (prototype === null) Object.defineProperty(copy, 'hasOwnProperty', hasOwnProperty);
  return copy;
}

const hasOwnProperty = Object.freeze({
  value: Object.prototype.hasOwnProperty,
  writable: true,
  configurable: true,
});

/** An adapter of a program may note something on the config, for an interceptor that reads it there. */
function handBack(
  sent: AxiosConfigLike,
  config: AxiosConfigLike,
  changes: Partial<AxiosConfigLike>,
): void {
  for (const [key, value] of Object.entries(sent)) {
    if (!Object.hasOwn(changes, key) && value !== Reflect.get(config, key))
      Reflect.set(config, key, value);
  }
}

/** The response of an outcome, if there was one. */
export function responseOf(outcome: Outcome): AxiosResponseLike | undefined {
  if ('response' in outcome) return outcome.response;
  return (outcome.error as { response?: AxiosResponseLike } | undefined)?.response;
}

/** A response's headers, to be asked as those of fetch. */
export function headersOf(response: AxiosResponseLike): { get(name: string): string | null } {
  return {
    get(name) {
      const value: unknown = axios.AxiosHeaders.from(response.headers as never).get(name);
      return typeof value === 'string' ? value : null;
    },
  };
}

/** A streamed body that nobody will read would hold its connection. */
export function release(response: AxiosResponseLike | undefined): void {
  const data = response?.data as { destroy?(): void; cancel?(): Promise<void> } | null | undefined;
  if (typeof data?.destroy === 'function') {
    data.destroy();
    // With maxContentLength, axios hands out a generator over the body: one that never ran destroys nothing.
    (response?.request as { destroy?(): void } | undefined)?.destroy?.();
  } else if (typeof data?.cancel === 'function') data.cancel().catch(() => undefined);
}
