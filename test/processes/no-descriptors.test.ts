import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { describeOn } from '../helpers/systems.js';

const program = fileURLToPath(new URL('no-descriptors.mjs', import.meta.url));
const dist = new URL('../../dist/', import.meta.url);
const limited = 'ulimit -n 64; exec "$0" "$@"';

describeOn('posix')('a process without file descriptors', () => {
  it.each(['index.js', 'index.cjs'])(
    'serves the first token from memory, and stores the next one when it has some again (%s)',
    async (name) => {
      const folder = await mkdtemp(join(tmpdir(), 'tt-token-'));
      onTestFinished(() => rm(folder, { recursive: true, force: true }));
      const tokenFile = join(folder, 'token.json');
      const entry = new URL(name, dist).href;
      const { stdout } = await promisify(execFile)('sh', [
        ...['-c', limited, process.execPath, program],
        ...[tokenFile, entry],
      ]);
      const seen = JSON.parse(stdout) as Record<string, string[]>;
      expect(seen).toEqual({
        tokens: ['token-1', 'token-2'],
        failuresAtFirst: expect.arrayContaining(['lock: EMFILE']) as string[],
        failuresAtSecond: [],
      });
      expect(await readFile(tokenFile, 'utf8')).toContain('token-2');
    },
  );
});
