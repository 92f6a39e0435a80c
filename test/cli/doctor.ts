import { expect } from 'vitest';
import { parseJson, type CallOptions, type Place } from './command.js';

export interface Finding {
  readonly name: string;
  readonly status: 'ok' | 'warning' | 'wrong';
  readonly message: string;
  readonly advice?: string;
}

/** What the doctor finds in a place: all findings, and those that are not ok. */
export async function examine(
  { run }: Pick<Place, 'run'>,
  env: CallOptions['env'] = {},
  ...args: readonly string[]
) {
  const finished = await run(['doctor', '--output', 'json', ...args], { env });
  expect(finished.stderr).toBe('');
  const { success, checks } = parseJson(finished) as { success: boolean; checks: Finding[] };
  const isWrong = checks.some(({ status }) => status === 'wrong');
  expect({ success, code: finished.code }).toEqual({ success: !isWrong, code: isWrong ? 1 : 0 });
  const problems = checks.filter(({ status }) => status !== 'ok');
  for (const { advice } of problems) expect(advice).toMatch(/\w/);
  return {
    problems,
    find: (name: string) => checks.find((finding) => finding.name === name),
  };
}

/** A finding with a message that holds a text, and perhaps an advice that holds another. */
export function found(
  name: string,
  status: Finding['status'],
  message: string,
  advice = '',
): Finding {
  return {
    name,
    status,
    message: expect.stringContaining(message) as string,
    advice: expect.stringContaining(advice) as string,
  };
}
