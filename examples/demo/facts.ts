import type { FakeTT } from 'tt-token-manager/testing';
import type { Entry } from './journal.js';

/** What the demo did and saw. */
export interface Run {
  readonly tt: FakeTT;
  readonly entries: readonly Entry[];
  readonly lifetimeMs: number;
  readonly callersEach: number;
  readonly workersStarted: number;
  /** The worker that was killed, and when; epoch ms. */
  readonly killed: string;
  readonly killedAt: number;
  /** Workers that did not end by themselves when they had nothing left to do. */
  readonly notEnded: readonly string[];
  /** Files beside the token file at the end. */
  readonly leftovers: readonly string[];
}

/** What the run comes to. */
export interface Facts {
  readonly callers: number;
  readonly callersServed: number;
  readonly callsFailed: number;
  readonly answered: number;
  readonly refused: number;
  /** Tokens that the workers fetched and used, one after the other. */
  readonly tokens: number;
  /** The shortest time between two of them. */
  readonly closestMs: number;
  readonly tokenRequests: number;
  readonly longestWaitMs: number;
  /** What that caller waited for. */
  readonly longestWaitFor: string;
  readonly waitAfterKillMs: number;
  readonly requestsAfterKill: number;
  readonly takeovers: readonly string[];
}

/** Derives the facts: calls and requests as the server counted them, waits as the callers felt them. */
export function gatherFacts(run: Run): Facts {
  const { tt, killedAt, lifetimeMs } = run;
  const events = run.entries.map(({ event }) => event);
  const fetchedAt = events
    .flatMap((event) => (event.kind === 'refreshed' ? event.obtainedAt : []))
    .sort((one, other) => one - other);
  const waits = events.flatMap((event) => (event.kind === 'waited' ? event : []));
  const [longest] = waits.toSorted((one, other) => lengthOf(other) - lengthOf(one));
  const isStall = longest && longest.startedAt < killedAt && longest.endedAt >= killedAt;
  const answered = tt.requests.filter(({ status }) => status === 200);
  const callers = answered.map(
    ({ requestId, query }) =>
      `${requestId?.split('--')[0] ?? ''} ${new URLSearchParams(query).get('caller') ?? ''}`,
  );
  const firstAfterKill = fetchedAt.find((at) => at >= killedAt) ?? Infinity;

  return {
    callers: run.workersStarted * run.callersEach,
    callersServed: new Set(callers).size,
    callsFailed: events.filter(({ kind }) => kind === 'callFailed').length,
    answered: answered.length,
    refused: tt.requests.filter(({ status = 200 }) => status !== 200).length,
    tokens: fetchedAt.length,
    closestMs: Math.min(...fetchedAt.slice(1).map((at, index) => at - (fetchedAt[index] ?? 0))),
    tokenRequests: tt.tokenRequests.length,
    longestWaitMs: longest ? lengthOf(longest) : 0,
    longestWaitFor: isStall ? 'while the token endpoint stalled' : 'for a first token',
    waitAfterKillMs: Math.max(
      0,
      ...waits.map(({ startedAt, endedAt }) => endedAt - Math.max(startedAt, killedAt)),
    ),
    // Up to the moment at which the token that came of it is to be refreshed in its turn.
    requestsAfterKill: tt.tokenRequests.filter(
      ({ at }) => at >= killedAt && at < firstAfterKill + lifetimeMs / 2,
    ).length,
    takeovers: events.flatMap((event) => (event.kind === 'lockTakenOver' ? event.ownerState : [])),
  };
}

function lengthOf({ startedAt, endedAt }: { startedAt: number; endedAt: number }): number {
  return endedAt - startedAt;
}
