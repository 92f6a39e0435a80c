import { AxiosHeaders } from 'axios';
import type { AxiosAdapterLike, AxiosConfigLike, AxiosResponseLike } from './types.js';

/** A response, or the error that axios made of it or of its absence. */
export type Outcome = { readonly response: AxiosResponseLike } | { readonly error: unknown };

/**
 * Calls an adapter with a changed config: the very object, for the error or response that it stands in, and
 * as it was again before anybody sees it.
 */
export async function attempt(
  inner: AxiosAdapterLike,
  config: AxiosConfigLike,
  changes: Partial<AxiosConfigLike> = {},
): Promise<Outcome> {
  swap(config, changes);
  try {
    return { response: await inner(config) };
  } catch (error) {
    return { error };
  } finally {
    swap(config, changes);
  }
}

const absent = Symbol('absent');

/** Exchanges what a config has under the names of the changes with what the changes have. */
function swap(config: AxiosConfigLike, changes: Partial<AxiosConfigLike>): void {
  for (const key in changes) {
    const name = key as 'data';
    const value = changes[name];
    changes[name] = Object.hasOwn(config, name) ? config[name] : absent;
    if (value === absent) Reflect.deleteProperty(config, name);
    else config[name] = value;
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
      const value: unknown = AxiosHeaders.from(response.headers as never).get(name);
      return typeof value === 'string' ? value : null;
    },
  };
}

/** A streamed body that nobody will read would hold its connection. */
export function release(response: AxiosResponseLike | undefined): void {
  const data = response?.data as { destroy?(): void; cancel?(): Promise<void> } | null | undefined;
  if (typeof data?.destroy === 'function') data.destroy();
  else if (typeof data?.cancel === 'function') data.cancel().catch(() => undefined);
}
