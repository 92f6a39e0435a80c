import axios from 'axios';
import type { AxiosAdapterLike, AxiosConfigLike, AxiosResponseLike } from './types.js';

/** A response, or the error that axios made of it or of its absence. */
export type Outcome = ({ readonly response: AxiosResponseLike } | { readonly error: unknown }) & {
  readonly attempt?: Attempt;
};

/** What an adapter was called with. */
interface Attempt {
  readonly config: AxiosConfigLike;
  readonly sent: AxiosConfigLike;
  readonly changes: Partial<AxiosConfigLike>;
}

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
  const attempt = { config, sent, changes };
  try {
    return { response: await inner(sent), attempt };
  } catch (error) {
    return { error, attempt };
  }
}

type Fields = Record<PropertyKey, unknown>;

/** A prototype that passes on nothing but what axios gives each config. */
const bare = Object.create(null, {
  hasOwnProperty: { value: Object.prototype.hasOwnProperty, writable: true },
}) as object;

/** A copy of a config, some fields replaced. */
export function copyOf(
  config: AxiosConfigLike,
  changes: Partial<AxiosConfigLike>,
): AxiosConfigLike {
  const prototype = Object.getPrototypeOf(config) as object | null;
  const copy = Object.create(prototype ?? bare) as Fields;
  const fields = config as Fields;
  // Object.assign takes four times as long on a config without a prototype, which is what axios makes.
  for (const key of Object.keys(config)) copy[key] = fields[key];
  for (const key of Object.getOwnPropertySymbols(config)) copy[key] = fields[key];
  return Object.assign(copy, changes);
}

/** Puts on the caller's config what an adapter noted on its copy, for an interceptor that reads it there. */
export function handBackNotes({ attempt }: Outcome, given: AxiosConfigLike): void {
  if (!attempt) return;
  const config = attempt.config as Fields;
  const sent = attempt.sent as Fields;
  for (const key of Object.keys(sent)) {
    if (sent[key] !== config[key] && !Object.hasOwn(attempt.changes, key))
      (given as Fields)[key] = sent[key];
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
