import axios from 'axios';
import { noteRequestId } from '../shared/request-id-of.js';
import { copyOfHeaders } from './headers.js';
import type { AxiosAdapterLike, AxiosConfigLike, AxiosResponseLike } from './types.js';

/** A response, or the error of axios. */
export type Outcome = ({ readonly response: AxiosResponseLike } | { readonly error: unknown }) & {
  readonly attempt?: Attempt;
};

/** The request ID that was sent last: each redirect inside the trusted origins sends another one. */
export interface Trail {
  requestId: string | undefined;
  /** Whether the last redirect went on without any, and without credentials. */
  isAway: boolean;
}

/** What an adapter was called with. */
interface Attempt {
  readonly config: AxiosConfigLike;
  readonly sent: AxiosConfigLike;
  readonly changes: Partial<AxiosConfigLike>;
  readonly trail: Trail;
}

/**
 * Calls an adapter with a copy of a config, some fields replaced. The config itself stays as it is, as it may be in
 * use several times at once.
 */
export async function attempt(
  inner: AxiosAdapterLike,
  config: AxiosConfigLike,
  changes: Partial<AxiosConfigLike>,
  trail: Trail,
): Promise<Outcome> {
  const sent = copyOf(config, changes);
  const attempt = { config, sent, changes, trail };
  try {
    const response = await inner(sent);
    if (trail.isAway) noteRequestId(response, trail.requestId);
    return { response, attempt };
  } catch (error) {
    noteRequestId(error, trail.requestId);
    return { error, attempt };
  }
}

type Fields = Record<PropertyKey, unknown>;

/** A prototype with nothing but the method that axios gives each config. */
const bare = Object.create(null, {
  hasOwnProperty: { value: Object.prototype.hasOwnProperty, writable: true },
}) as object;

/** Copies a config, some fields replaced. */
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

/** Copies what an adapter wrote on its copy of a config to the caller's, where an interceptor may read it. */
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

/** Returns a response's headers in the form of fetch. */
export function headersOf(response: AxiosResponseLike): { get(name: string): string | null } {
  const { headers } = response;
  return {
    get(name) {
      const isOurs = headers instanceof axios.AxiosHeaders;
      const value: unknown = (isOurs ? headers : copyOfHeaders(headers)).get(name);
      return typeof value === 'string' ? value : null;
    },
  };
}

/** Destroys a streamed body: it would hold its connection. */
export function release(response: AxiosResponseLike | undefined): void {
  const data = response?.data as { destroy?(): void; cancel?(): Promise<void> } | null | undefined;
  if (typeof data?.destroy === 'function') {
    data.destroy();
    // With maxContentLength, the body is a generator: destroying it before it ran does nothing.
    (response?.request as { destroy?(): void } | undefined)?.destroy?.();
  } else if (typeof data?.cancel === 'function') data.cancel().catch(() => undefined);
}
