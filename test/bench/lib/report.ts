import { fixed, ratio } from './format.ts';

/** A line of a scenario's table. */
export interface Row {
  /** Who or what was measured. */
  readonly label: string;
  readonly cells: readonly string[];
  readonly checks?: readonly Check[];
  /** Its bar in the chart, and with whom it stands. */
  readonly bar?: { readonly group: string; readonly ratio: number } | undefined;
  /** Its place in the chart of growth. */
  readonly point?: { readonly curve: string; readonly processes: number; readonly ms: number };
  /** What the summary says of it, if anything. */
  readonly short?: string | undefined;
}

/** What a result has to reach. */
export interface Check {
  readonly text: string;
  readonly isMet: boolean;
  /** Whether the benchmark has failed where this is not met: a wrong count is a bug, a time is not. */
  readonly isExact: boolean;
  /** Whether it fails in CI as well, where other work spoils the times: a ratio beyond twice its bar. */
  readonly isFarOff?: boolean;
}

export function exactly(wanted: number, what: string, values: readonly number[]): Check {
  const isMet = values.every((value) => value === wanted);
  return { text: `${wanted} ${what}`, isMet, isExact: true };
}

export function atMost(most: number, value: number, show = fixed): Check {
  return { text: `<= ${show(most)}`, isMet: value <= most, isExact: false };
}

/** The same for a ratio of two times that were measured in turns, which other work on the machine spoils less. */
export function ratioAtMost(most: number, value: number, show = ratio): Check {
  return { ...atMost(most, value, show), isFarOff: value > 2 * most };
}

export function atLeast(least: number, value: number, show = fixed): Check {
  return { text: `>= ${show(least)}`, isMet: value >= least, isExact: false };
}

/** Whether a check that is not met fails the run. */
export function isFault({ isMet, isExact, isFarOff }: Check, { isInCi = false } = {}): boolean {
  return (isExact && !isMet) || (isInCi && isFarOff === true);
}

/** `met: 1 token request, <= 2.00x`; empty where there is nothing to reach. */
export function verdict(checks: readonly Check[] = []): string {
  if (checks.length === 0) return '';
  const isMet = checks.every((check) => check.isMet);
  return `${isMet ? 'met' : 'MISSED'}: ${checks.map(({ text }) => text).join(', ')}`;
}

export function isOurs({ label }: Pick<Row, 'label'>): boolean {
  return label.includes('tt-token');
}

/** A line for each scenario. */
export function summary(
  reports: readonly { readonly title: string; readonly rows: readonly Row[] }[],
): string {
  const lines = reports.map(({ title, rows }) => {
    const others = rows.filter((row) => !isOurs(row));
    return [title, inShort(rows.filter(isOurs)), inShort(others)];
  });
  return table([['what', 'tt-token-manager', 'compared with'], ...lines]);
}

/** `axios, ky: 1 token request; fetch: 2 token requests`. */
function inShort(rows: readonly Row[]): string {
  const shorts = [...new Set(rows.flatMap(({ short }) => short ?? []))];
  const lines = shorts.map((short) => {
    const same = rows.filter((row) => row.short === short);
    const labels = same.map(({ label }) => label.replace(/^tt-token-manager(, )?/, ''));
    return [labels.join(', '), short].filter((text) => text !== '').join(': ');
  });
  return lines.join('; ');
}

/** A Markdown table as Prettier leaves it; the first row is its head. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(3, ...rows.map((cells) => cells[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const [head = '', ...body] = rows.map((cells) =>
    line(widths.map((width, column) => (cells[column] ?? '').padEnd(width))),
  );
  return [head, line(widths.map((width) => '-'.repeat(width))), ...body].join('\n');
}
