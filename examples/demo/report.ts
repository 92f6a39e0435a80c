import type { Facts, Run } from './facts.js';

/** A lock that is taken over by age instead of by the death of its owner costs 5 s. */
const longestAcceptableMs = 4_000;

/** The table at the end, aligned. */
export function table(facts: Facts, { killed, workersStarted }: Run): string {
  const rows = [
    ['workers', `${workersStarted - 1} + 1`, `${killed} was killed and replaced`],
    ['callers served', `${facts.callersServed} of ${facts.callers}`, ''],
    ['API calls answered 200', String(facts.answered), ''],
    ['API calls refused', String(facts.refused), ''],
    ['token lifetimes spanned', String(facts.tokens), 'each token renewed after half its life'],
    [
      'token requests made',
      String(facts.tokenRequests),
      `one a lifetime, and one died with ${killed}`,
    ],
    ['longest wait of a caller', `${facts.longestWaitMs} ms`, facts.longestWaitFor],
    ['longest wait after the kill', `${facts.waitAfterKillMs} ms`, ''],
    ['token requests after the kill', String(facts.requestsAfterKill), ''],
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
    [facts.refused === 0, `the API refused ${facts.refused} calls`],
    [
      facts.tokenRequests === facts.tokens + 1,
      `${facts.tokenRequests} token requests for ${facts.tokens} tokens and one kill`,
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
      facts.waitAfterKillMs < longestAcceptableMs,
      `a caller waited ${facts.waitAfterKillMs} ms after the kill`,
    ],
    [
      facts.longestWaitMs < longestAcceptableMs + run.lifetimeMs,
      `a caller waited ${facts.longestWaitMs} ms`,
    ],
    [run.notEnded.length === 0, `${run.notEnded.join()} did not end by itself with exit code 0`],
    [run.leftovers.length === 0, `left beside the token file: ${run.leftovers.join()}`],
  ];
  return promises.filter(([isKept]) => !isKept).map(([, otherwise]) => otherwise);
}
