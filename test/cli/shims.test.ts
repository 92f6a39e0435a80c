import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { commandFile } from './command.js';

/** The maker of shims that npm itself has. */
const npmShims = join(
  execFileSync('npm', ['root', '--global'], { encoding: 'utf8' }).trim(),
  'npm/node_modules/cmd-shim',
);

describe('the command on Windows', () => {
  it('names node alone in its first line, which shims run', async () => {
    expect((await readFile(commandFile, 'utf8')).split('\n')[0]).toBe('#!/usr/bin/env node');
  });

  it.skipIf(!existsSync(npmShims))("is started by npm's shims without sh", async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tt-shims-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const shim = createRequire(import.meta.url)(npmShims) as (
      from: string,
      to: string,
    ) => Promise<void>;
    await shim(commandFile, join(folder, 'tt-token'));
    for (const name of ['tt-token.cmd', 'tt-token.ps1']) {
      const text = await readFile(join(folder, name), 'utf8');
      expect(text).toContain('node');
      expect(text).not.toMatch(/\bsh(\.exe)?\b/);
    }
  });
});
