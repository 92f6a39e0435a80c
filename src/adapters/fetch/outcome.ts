import { answerOf } from '../../base/answer-of-error.js';
import { discardBody } from '../../base/discard-body.js';
import { holdBody, textOf, type HeldBody } from '../shared/held-body.js';
import type { Attempt, RejectableResponse } from '../shared/options.js';
import { classOf } from '../shared/platform-class.js';
import { imitate } from './request-parts.js';

/** What an attempt brought: a response, or an error, which may stand for one. */
export interface FetchOutcome {
  readonly response?: Response;
  readonly error?: unknown;
  /** The body, if some of it was read before the caller reads it. */
  held?: HeldBody | undefined;
}

/** Returns the answer of an outcome, as `isTokenRejected` sees it. */
export function answerIn(outcome: FetchOutcome, url: string): RejectableResponse | undefined {
  const { response, error } = outcome;
  const answer = response ?? answerOf(error);
  if (!answer) return undefined;
  const { status, headers } = answer;
  return {
    status,
    headers,
    url,
    text: async () => held(outcome)?.text() ?? textOf(dataOf(outcome)),
  };
}

/** Returns the outcome of a call. */
export async function outcomeOf(call: Promise<Response>): Promise<FetchOutcome> {
  try {
    return { response: await call };
  } catch (error) {
    return { error };
  }
}

/** Returns what an audit log says of an outcome. */
export function resultOf({ response, error }: FetchOutcome): Pick<Attempt, 'status' | 'error'> {
  const status = (response ?? answerOf(error))?.status;
  return status === undefined ? { error } : { status };
}

/** Lets an outcome go from its connection; what can be read of its body is kept. */
export function free(outcome: FetchOutcome): void {
  held(outcome)?.free();
}

/** Discards an outcome that nobody will read. */
export function discard(outcome: FetchOutcome): void {
  if (outcome.held) outcome.held.discard();
  else discardBody(responseOf(outcome) ?? {});
}

/** Returns the response of an outcome, with all of its body, or throws its error, whose response has it. */
export function delivered(outcome: FetchOutcome, redirects = 0): Response {
  const { response, error, held } = outcome;
  const inner = responseOf(outcome);
  const owner = response ? outcome : inner && ownerOf(error, inner);
  if (!inner || !owner) throw error;
  const whole = held ? withBody(inner, held.whole()) : inner;
  const all = redirects > 0 ? marked(whole, { redirected: true }) : whole;
  if (response) return all;
  Reflect.set(owner, 'response', all);
  throw error;
}

/** Defines what only the platform can set of a response, and of each clone of it. */
function marked(response: Response, marks: object): Response {
  if (!Object.isExtensible(response)) return response;
  const bare: unknown = Reflect.get(response, 'clone');
  const clone = (): Response => marked(Reflect.apply(bare as () => Response, response, []), marks);
  const all = typeof bare === 'function' ? { ...marks, clone } : marks;
  for (const [name, value] of Object.entries(all))
    Object.defineProperty(response, name, { value, configurable: true, writable: true });
  return response;
}

/** Returns a response with another body in place of its own, which has been read. */
export function withBody(given: Response, body: unknown): Response {
  const { status, statusText, headers, url, redirected, type } = given;
  const init = { status, statusText, headers, url };
  const made = new (classOf(given, 'Response'))(body as RequestInit['body'], init);
  imitate(given, made);
  return marked(made, { url, redirected, type });
}

function held(outcome: FetchOutcome): HeldBody | undefined {
  return (outcome.held ??= holdBody(responseOf(outcome)?.body));
}

function responseOf({ response, error }: FetchOutcome): Response | undefined {
  return response ?? (answerOf(error)?.response as Response | undefined);
}

/** Returns what a layer below has read of the answer that it made an error of. */
function dataOf({ error }: FetchOutcome): unknown {
  const { data } = (error ?? {}) as { data?: unknown };
  const inner = (answerOf(error)?.response ?? {}) as Record<'body' | 'data' | '_data', unknown>;
  return data ?? inner.data ?? inner._data ?? (typeof inner.body === 'string' ? inner.body : '');
}

/** Returns which of an error and its causes has a response. */
function ownerOf(error: unknown, response: Response): object | undefined {
  let owner = error as { response?: unknown; cause?: unknown } | undefined;
  while (owner && owner.response !== response) owner = owner.cause as typeof owner;
  return owner;
}
