import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

it('refreshes 10,000 times, with failures of all kinds, and neither heap nor handles grow', async () => {
  const program = ['--expose-gc', '--import', 'tsx', 'test/soak/soak.ts'];
  const { stdout } = await promisify(execFile)(process.execPath, program);
  expect(stdout).toContain('10000 refreshes (');
}, 1_800_000);
