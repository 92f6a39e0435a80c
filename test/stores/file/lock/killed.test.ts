import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, vi } from 'vitest';
import { fileStore, type StoreIdentity } from '../../../../src/index.js';
import { itOn } from '../../../helpers/systems.js';

const script = fileURLToPath(new URL('killed.mjs', import.meta.url));
const identity: StoreIdentity = {
  environment: 'UAT',
  baseUrl: 'https://tt.example/',
  keyFingerprint: '0123456789abcdef',
};

async function newPath(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tt-token-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return join(folder, 'token.json');
}

/** Runs the holder, which dies before the file operation of this number; returns what it printed, and its signal. */
function holder(path: string, fatal: number): Promise<{ printed: string; signal: unknown }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [script, path, String(fatal)], (error, stdout) =>
      resolve({ printed: stdout, signal: error?.signal }),
    );
  });
}

itOn('posix')(
  'killed at each file operation in turn, a holder costs at most 10 s, and leaves nothing',
  async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    onTestFinished(() => void vi.useRealTimers());
    const operations = Number((await holder(await newPath(), Infinity)).printed);
    expect(operations).toBeGreaterThan(10);
    for (let fatal = 0; fatal < operations; fatal++) {
      const path = await newPath();
      await writeFile(path, 'of before');
      expect(await holder(path, fatal)).toEqual({ printed: '', signal: 'SIGKILL' });
      const session = fileStore({ path }).open(identity);
      let lease = await session.acquire();
      for (let looks = 0; !lease && looks < 11; looks++) {
        vi.advanceTimersByTime(1_000);
        lease = await session.acquire();
      }
      expect(['of before', 'of the holder']).toContain(await session.read());
      expect(await lease?.write('of the next', { lifeMs: 60_000 })).toBe(true);
      await lease?.release();
      expect(await readFile(path, 'utf8')).toBe('of the next');
      expect(await readdir(join(path, '..'))).toEqual(['token.json']);
    }
  },
);
