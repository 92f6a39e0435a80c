import type { FakeTT, FakeTTRequest } from 'tt-token-manager/testing';
import { fetchedTokens, type Entry } from './journal.js';

/** What the demo did and saw; instants are epoch ms. */
export interface Run {
  readonly tt: FakeTT;
  readonly entries: readonly Entry[];
  readonly lifetimeMs: number;
  readonly callersPerClient: number;
  readonly workersStarted: number;
  readonly revokedAt: number;
  /** The worker that was killed. */
  readonly killed: string;
  readonly killedAt: number;
  /** Workers that did not end by themselves when they had nothing left to do. */
  readonly notEnded: readonly string[];
  /** Files beside the token file at the end. */
  readonly leftovers: readonly string[];
}

/** What the run comes to. */
export type Facts = ReturnType<typeof gatherFacts>;

/** The clients that the callers of each worker are spread over. */
const clients = ['axios', 'ky', 'fetch'] as const;

/** Derives the facts: calls and requests as the server counted them, times as the callers felt them. */
export function gatherFacts({ tt, entries, lifetimeMs, revokedAt, killedAt, ...run }: Run) {
  const events = entries.map(({ event }) => event);
  const tokens = fetchedTokens(entries);
  const late = events.filter((event) => event.kind === 'answeredLate');
  const answered = tt.requests.filter(({ status }) => status === 200);
  const refused = tt.requests.filter(({ status }) => status === 401);
  const revoked = tt.tokenRequests.flatMap(({ at, accessToken }) =>
    at < revokedAt ? accessToken : [],
  );

  /** The token requests after an instant, until the token that came of them is to be renewed in its turn. */
  function requestsAfter(instant: number): number {
    const next = tokens.find(({ obtainedAt }) => obtainedAt >= instant)?.obtainedAt ?? Infinity;
    return tt.tokenRequests.filter(({ at }) => at >= instant && at < next + lifetimeMs / 2).length;
  }

  /** The time from an instant until the last of the calls that it delayed was answered. */
  function delayAfter(instant: number): number {
    const delayed = late.filter(
      ({ startedAt, endedAt }) => startedAt < instant && endedAt >= instant,
    );
    return Math.max(0, ...delayed.map(({ endedAt }) => endedAt - instant));
  }

  return {
    callers: run.workersStarted * clients.length * run.callersPerClient,
    callersServed: new Set(answered.map(callerOf)).size,
    callsFailed: events.filter(({ kind }) => kind === 'callFailed').length,
    answered: clients.map((client) => [client, countOf(answered, client)] as const),
    refused: refused.length,
    refusedByClient: byClient(refused),
    /** Calls refused for another reason than the revocation. */
    refusedOtherwise:
      tt.requests.length -
      answered.length -
      refused.filter(({ token = '' }) => revoked.includes(token)).length,
    tokens: tokens.length,
    tokensForRefusals: tokens.filter(({ reason }) => reason === 'refused').length,
    /** The shortest time from one token to the next that was not fetched for a refusal. */
    closestMs: Math.min(
      ...tokens.flatMap(({ obtainedAt, reason }, index) =>
        reason === 'refused' ? [] : obtainedAt - (tokens[index - 1]?.obtainedAt ?? -Infinity),
      ),
    ),
    tokenRequests: tt.tokenRequests.length,
    requestsForRevocation: requestsAfter(revokedAt),
    requestsAfterKill: requestsAfter(killedAt),
    delayByRevocationMs: delayAfter(revokedAt),
    delayAfterKillMs: delayAfter(killedAt),
    longestCallMs: Math.max(0, ...late.map(({ startedAt, endedAt }) => endedAt - startedAt)),
    takeovers: events.flatMap((event) => (event.kind === 'lockTakenOver' ? event.ownerState : [])),
  };
}

/** Who made a call: the worker, by the first part of its request IDs, the client and the number of the caller. */
function callerOf({ requestId = '', query }: FakeTTRequest): string {
  const call = new URLSearchParams(query);
  return `${requestId.split('--')[0] ?? ''} ${call.get('client') ?? ''} ${call.get('caller') ?? ''}`;
}

function countOf(requests: readonly FakeTTRequest[], client: string): number {
  const isOurs = ({ query }: FakeTTRequest): boolean =>
    new URLSearchParams(query).get('client') === client;
  return requests.filter(isOurs).length;
}

/** How many of the requests each client made, as text. */
export function byClient(requests: readonly FakeTTRequest[]): string {
  return clients.map((client) => `${client} ${countOf(requests, client)}`).join(', ');
}
