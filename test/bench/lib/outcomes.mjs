import { counted, counts, spread } from './format.ts';
import { exactly } from './report.ts';
import { all } from './rounds.mjs';

export const outcomeColumns = ['token requests', 'failed', 'ms (least-most)'];

/** What rounds of { tokenRequests, failures, ms } came to. */
export function outcomesOf(list) {
  const tokenRequests = all(list, 'tokenRequests');
  const failures = all(list, 'failures');
  return {
    cells: [counts(tokenRequests), counts(failures), spread(all(list, 'ms'))],
    short: `${counted(tokenRequests, 'token request')}, ${counts(failures)} failed`,
    oneRequest: exactly(1, 'token request', tokenRequests),
    noFailure: exactly(0, 'failed', failures),
  };
}
