import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const program = fileURLToPath(new URL('newcomer/newcomer.mjs', import.meta.url));

// On Node 24 as well, as a cell of the matrix.
it(
  'the README leads a newcomer from an empty folder to its end',
  { timeout: 600_000 },
  async () => {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [program]);
    expect(stdout + stderr).toBe('');
  },
);
