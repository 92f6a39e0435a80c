import { noteRequestId } from '../shared/request-id-of.js';
import { cleanError, cleanResponse } from './cleanup.js';
import { answerIn, type Outcome } from './outcome.js';
import type { Trail } from './trail.js';
import type { AxiosAdapterLike, AxiosConfigLike } from './types.js';

/** A request that an adapter is to send. */
export interface Sendable {
  readonly inner: AxiosAdapterLike;
  /** The caller's own config, which goes back to him. */
  readonly given: AxiosConfigLike;
  readonly config: AxiosConfigLike;
}

/**
 * Calls an adapter with a copy of a config, some fields replaced. The config itself stays as it is, as it may be in
 * use several times at once. What comes back is safe to log.
 */
export async function attempt(
  { inner, given, config }: Sendable,
  changes: Partial<AxiosConfigLike>,
  trail: Trail,
): Promise<Outcome> {
  const sent = copyOf(config, changes);
  let outcome: Outcome;
  try {
    const response = cleanResponse(await inner(sent), given);
    if (trail.isAway()) noteRequestId(response, trail.requestId());
    outcome = { response };
  } catch (error) {
    noteRequestId(error, trail.requestId());
    outcome = { error: cleanError(error, given) };
  }
  trail.end(() => {
    const status = answerIn(outcome)?.status;
    return status === undefined ? { error: outcome.error } : { status };
  });
  return { ...outcome, attempt: { config, sent, changes, isAway: trail.isAway() } };
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
