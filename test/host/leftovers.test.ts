import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { setScene } from '../processes/scene.js';

const run = promisify(execFile);
const script = fileURLToPath(new URL('lives-and-ends.mjs', import.meta.url));

interface Sight {
  readonly listeners: Readonly<Record<string, number>>;
  readonly onSignal: number;
  readonly ours: readonly string[];
  readonly keepAlive: readonly string[];
  readonly openFiles: readonly string[];
}

it.runIf(process.platform === 'linux')(
  '40 managers and four clients leave nothing in the program, and Node warns of nothing',
  async () => {
    const scene = await setScene();
    const { stdout, stderr } = await run(process.execPath, [script, scene.folder], {
      env: scene.environment,
      timeout: 120_000,
    });
    const { before, during, first, second } = JSON.parse(stdout) as Record<string, Sight>;
    expect(before).toMatchObject({ ours: [], keepAlive: [], onSignal: 0 });
    // What is there meanwhile, or else the comparison would say nothing.
    const { exit = 0, ...others } = before?.listeners ?? {};
    expect(during?.listeners).toEqual({ ...others, exit: exit + 1 });
    expect(during?.onSignal).toBe(1);
    expect(during?.keepAlive).toContain('Timeout');
    expect(first).toEqual({ ...before, openFiles: first?.openFiles });
    expect(second).toEqual(first);
    expect(stderr).toBe('');
    expect((await scene.leftovers()).filter((name) => !name.endsWith('.json'))).toEqual([]);
  },
);
