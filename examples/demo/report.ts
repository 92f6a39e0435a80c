import type { Facts, Run } from './facts.js';

/** A lock that is taken over by age instead of by the death of its owner costs 5 s. */
const longestAcceptableMs = 4_000;

/** The table at the end, aligned. */
export function table(facts: Facts, { killed, workersStarted }: Run): string {
  const rows = [
    ['workers', `${workersStarted - 1} + 1`, `${killed} was killed and replaced`],
    ['callers served', `${facts.callersServed} of ${facts.callers}`],
    ...facts.answered.map(([client, count]) => [`calls answered, ${client}`, `${count}`]),
    ['calls refused with 401', `${facts.refused}`, `${facts.refusedByClient}: all sent again`],
    ['calls that failed', `${facts.callsFailed}`],
    ['tokens used', `${facts.tokens}`, 'each renewed after half its life, one revoked'],
    ['token requests made', `${facts.tokenRequests}`, `one a token, and one died with ${killed}`],
    [
      '  for the revocation',
      `${facts.requestsForRevocation}`,
      `all calls were answered ${facts.delayByRevocationMs} ms after it`,
    ],
    [
      '  after the kill',
      `${facts.requestsAfterKill}`,
      `all calls were answered ${facts.delayAfterKillMs} ms after it`,
    ],
    ['longest call', `${facts.longestCallMs} ms`],
  ];
  const nameWidth = Math.max(...rows.map(([name = '']) => name.length));
  const valueWidth = Math.max(...rows.map(([, value = '']) => value.length));
  return rows
    .map(
      ([name = '', value = '', remark = '']) =>
        `  ${name.padEnd(nameWidth)}  ${value.padStart(valueWidth)}  ${remark}`,
    )
    .map((row) => row.trimEnd())
    .join('\n');
}

/** The promises that the run broke, one line each. */
export function brokenPromises(facts: Facts, run: Run): readonly string[] {
  const promises: readonly (readonly [isKept: boolean, otherwise: string])[] = [
    [facts.callersServed === facts.callers, 'not every caller was served'],
    [facts.callsFailed === 0, `${facts.callsFailed} calls failed`],
    [
      facts.refusedOtherwise === 0,
      `the API refused ${facts.refusedOtherwise} calls whose token was not revoked`,
    ],
    [
      facts.tokenRequests === facts.tokens + 1,
      `${facts.tokenRequests} token requests for ${facts.tokens} tokens and one kill`,
    ],
    [
      facts.tokensForRefusals <= 1 && facts.requestsForRevocation === 1,
      `the revocation cost ${facts.requestsForRevocation} token requests instead of one`,
    ],
    [
      facts.closestMs >= run.lifetimeMs / 2,
      `a token was fetched ${facts.closestMs} ms after another, before that one was ageing`,
    ],
    [
      facts.requestsAfterKill === 1,
      `${facts.requestsAfterKill} token requests after the kill instead of one`,
    ],
    [
      facts.takeovers.every((ownerState) => ownerState === 'dead'),
      'a lock was taken from a worker that lives',
    ],
    [
      facts.delayByRevocationMs < longestAcceptableMs &&
        facts.delayAfterKillMs < longestAcceptableMs,
      'a call was answered too late after the revocation or the kill',
    ],
    [
      facts.longestCallMs < longestAcceptableMs + run.lifetimeMs,
      `a call took ${facts.longestCallMs} ms`,
    ],
    [run.notEnded.length === 0, `${run.notEnded.join()} did not end by itself with exit code 0`],
    [run.leftovers.length === 0, `left beside the token file: ${run.leftovers.join()}`],
  ];
  return promises.filter(([isKept]) => !isKept).map(([, otherwise]) => otherwise);
}
