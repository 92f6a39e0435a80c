import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };

const run = promisify(execFile);
const script = fileURLToPath(new URL('uses-package.mjs', import.meta.url));
const subpaths = Object.keys(manifest.exports).filter((path) => path !== './package.json');

let folder: string;
let steps: Record<string, readonly string[]>;
let warnings: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tt-token-host-'));
  const { stdout, stderr } = await run(process.execPath, [script, join(folder, 'token.json')]);
  steps = JSON.parse(stdout) as typeof steps;
  warnings = stderr;
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('globals, built-in modules and the process stay as they are', () => {
  it.each(subpaths.map((path) => path.slice(1)))('when tt-token-manager%s is loaded', (subpath) => {
    expect(steps[`import${subpath}`]).toEqual([]);
    expect(steps[`require${subpath}`]).toEqual([]);
  });

  it('when a token is refreshed in memory', () => {
    expect(steps['a refresh in memory']).toEqual([]);
    expect(steps['its end']).toEqual([]);
  });

  it('when a token is refreshed in a file', () => {
    expect(steps['the first refresh in a file']).toEqual([]);
    expect(steps['the second']).toEqual([]);
    expect(steps['the end']).toEqual([]);
  });

  it('and nothing is printed', () => {
    expect(warnings).toBe('');
  });
});
