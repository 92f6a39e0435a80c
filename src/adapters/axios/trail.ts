import type { AdapterRules, Attempt } from '../shared/options.js';

type Hop = Pick<Attempt, 'requestId' | 'method' | 'url'>;
type Result = Pick<Attempt, 'status' | 'error'>;

/** The way of one attempt: each redirect inside the trusted origins is another one, with a request ID of its own. */
export interface Trail {
  /** The request ID that was sent last. */
  requestId(): string | undefined;
  /** Whether the last redirect went on without any, and without credentials. */
  isAway(): boolean;
  /** Goes on after a redirect; without a hop, to another origin. */
  goOn(status: number | undefined, hop: (() => Hop) | undefined, requestId?: string): void;
  /** Ends with an answer or an error. */
  end(result: () => Result): void;
}

/** Starts the trail of an attempt; `hop` is called only if somebody listens. */
export function startTrail(
  tell: AdapterRules['tell'],
  hop: () => Hop,
  { requestId, isReplay }: Pick<Attempt, 'requestId' | 'isReplay'>,
): Trail {
  let [last, current, sent]: [Hop | undefined, boolean, string] = [tell && hop(), true, requestId];
  const report = (result: Result): void => {
    if (last) tell?.({ ...last, isReplay, ...result });
  };
  return {
    requestId: () => sent,
    isAway: () => !current,
    goOn(status, next, id = sent) {
      report(status === undefined ? {} : { status });
      last = tell && next?.();
      current = next !== undefined;
      sent = id;
    },
    end: (result) => last && report(result()),
  };
}

/** The trail of an attempt without credentials; the request ID is that of the redirect before it. */
export function noTrail(requestId: string | undefined): Trail {
  return {
    requestId: () => requestId,
    isAway: () => true,
    goOn: () => undefined,
    end: () => undefined,
  };
}
