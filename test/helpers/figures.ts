/**
 * The lines of the README that give the benchmark's figures, as its report has them.
 * @param report the text of test/bench/results.md
 */
export function figureLines(report: string): string[] {
  const [, table = ''] = /\n(\| what .*(?:\n\|.*)+)/.exec(report) ?? [];

  /** What the summary says in a scenario, of the package or, in its third column, of others; without the names of clients. */
  function figure(scenario: string, pattern: RegExp, column = 2): string[] {
    const row = table.split('\n').find((line) => line.startsWith(`| ${scenario}`));
    const cell = row?.split('|')[column] ?? '';
    const found = pattern.exec(cell);
    if (!found) throw new Error(`the report does not say ${String(pattern)} of: ${scenario}`);
    return found.slice(1);
  }

  const times = /axios: ([\d.]+)x; ky: ([\d.]+)x; fetch: ([\d.]+)x/;
  const byHand = /by hand, axios: ([\d.]+)x;.* by hand, ky: ([\d.]+)x;.* by hand, fetch: ([\d.]+)x/;
  const [axios, ky, fetch] = figure('Request with a token at hand', times);
  const [ownAxios, ownKy, ownFetch] = figure('Request with a token at hand', byHand, 3);
  const cost = /^ axios, ky, fetch: (\d+ token requests?, \d+ failed) *$/;
  const [many] = figure('1,000 concurrent requests', cost);
  const [revoked] = figure('500 requests whose token is revoked', cost);
  const stores =
    /file: (\d+ token requests?, \d+ failed), .*Redis: (\d+ token requests?, \d+ failed), /;
  const [file, redis] = figure('Processes (4 to 256)', stores);
  const [killed] = figure('SIGKILL or SIGSTOP of the process', /file: (.+ after [\d,]+ ms)/);
  const [down] = figure('Token endpoint down for 10 s', /fetch: (.+ failed calls)/);
  return [
    `- A request with a token (in brackets: by hand), against a bare one: axios ${axios}x (${ownAxios}x), ky ${ky}x (${ownKy}x), fetch ${fetch}x (${ownFetch}x).`,
    `- 1,000 requests at once without a token: ${many}. Token revoked under 500: ${revoked}.`,
    `- 64 processes without a token: on a file ${file}; on Redis ${redis}.`,
    `- The process that refreshes is killed, 16 others wait: ${killed}.`,
    `- The token endpoint is down for 10 s, 4 processes make 50 calls a second: ${down}.`,
  ];
}
