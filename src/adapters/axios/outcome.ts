import axios from 'axios';
import { answerOf } from '../../base/answer-of-error.js';
import { holdBody, textOf, type HeldBody } from '../shared/held-body.js';
import type { RejectableResponse } from '../shared/options.js';
import { copyOfHeaders } from './headers.js';
import type { AxiosConfigLike, AxiosResponseLike } from './types.js';

/** What an attempt brought: a response, or an error, which may stand for one. */
export interface Outcome {
  readonly response?: AxiosResponseLike;
  readonly error?: unknown;
  /** What the adapter was called with. */
  readonly attempt?: {
    readonly config: AxiosConfigLike;
    readonly sent: AxiosConfigLike;
    readonly changes: Partial<AxiosConfigLike>;
    /** Whether the answer is another origin's, to which no token went. */
    readonly isAway: boolean;
  };
  /** The body, if some of it was read before the caller reads it. */
  held?: HeldBody | undefined;
}

/** The response of an outcome, if there was one. */
export function responseOf({ response, error }: Outcome): AxiosResponseLike | undefined {
  return response ?? (error as { response?: AxiosResponseLike } | undefined)?.response;
}

type Answer = Pick<RejectableResponse, 'status' | 'headers'>;

/** Returns the status and headers of an outcome. */
export function answerIn(outcome: Outcome): Answer | undefined {
  const response = responseOf(outcome);
  if (response) return { status: response.status, headers: headersOf(response) };
  return tooLongAnswer(outcome.error) ?? answerOf(outcome.error);
}

/** Returns the answer that was longer than `maxContentLength`: axios's http adapter makes an error without it. */
function tooLongAnswer(error: unknown): Answer | undefined {
  const { code, request } = (error ?? {}) as { code?: unknown; request?: { res?: unknown } };
  const { res } = request ?? {};
  if (code !== 'ERR_BAD_RESPONSE' || !res) return undefined;
  const { statusCode: status, headers } = res as { statusCode: number; headers: object };
  return { status, headers: headersOf({ headers }) };
}

/** Returns the start of the body of an outcome. */
export async function textIn(outcome: Outcome): Promise<string> {
  return held(outcome)?.text() ?? textOf(responseOf(outcome)?.data);
}

/** Lets an outcome go from its connection; what can be read of its body is kept. */
export function free(outcome: Outcome): void {
  held(outcome)?.free();
}

/** Discards an outcome that nobody will read. */
export function discard(outcome: Outcome): void {
  if (outcome.held) outcome.held.discard();
  else release(responseOf(outcome));
}

/** Puts back what was read of the body of an outcome. */
export function putBack(outcome: Outcome): void {
  const response = outcome.held && responseOf(outcome);
  if (response) Reflect.set(response, 'data', outcome.held?.whole());
}

function held(outcome: Outcome): HeldBody | undefined {
  const response = responseOf(outcome);
  return (outcome.held ??= holdBody(response?.data, () => release(response)));
}

/** Returns a response's headers in the form of fetch. */
export function headersOf({ headers }: { headers: unknown }): RejectableResponse['headers'] {
  return {
    get(name) {
      const isOurs = headers instanceof axios.AxiosHeaders;
      const value: unknown = (isOurs ? headers : copyOfHeaders(headers)).get(name);
      return typeof value === 'string' ? value : null;
    },
  };
}

/** Destroys a streamed body: it would hold its connection. */
function release(response: AxiosResponseLike | undefined): void {
  const data = response?.data as { destroy?(): void; cancel?(): Promise<void> } | null | undefined;
  if (typeof data?.destroy === 'function') {
    data.destroy();
    // With maxContentLength, the body is a generator: destroying it before it ran does nothing.
    (response?.request as { destroy?(): void } | undefined)?.destroy?.();
  } else if (typeof data?.cancel === 'function') data.cancel().catch(() => undefined);
}
