import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { setScene } from './scene.js';

const run = promisify(execFile);

function pathOf(script: string): string {
  return fileURLToPath(new URL(script, import.meta.url));
}

describe('the host program', () => {
  it('exits by itself with a live manager, and is as it was before', async () => {
    const scene = await setScene();
    const { stdout, stderr } = await run(process.execPath, [pathOf('exits-by-itself.mjs')], {
      env: scene.environment,
      timeout: 120_000,
    });
    expect(JSON.parse(stdout)).toEqual({
      listenersEqual: true,
      namesEqual: true,
      patched: false,
      handles: [],
    });
    expect(stderr).toBe('');
    expect(await scene.leftovers()).toEqual([]);
  });

  it('may be a cluster: four workers with 50 callers each share one token request and exit', async () => {
    const scene = await setScene({ latencyMs: 50 });
    const { stdout } = await run(process.execPath, [pathOf('cluster-app.mjs')], {
      env: scene.environment,
      timeout: 120_000,
    });
    expect(JSON.parse(stdout)).toEqual([expect.any(String)]);
    expect(scene.tt.tokenRequests).toHaveLength(1);
    expect(await scene.leftovers()).toEqual([]);
  });

  it('leaves no lock behind when it calls process.exit() in the middle of a refresh', async () => {
    const scene = await setScene();
    scene.tt.holdTokenRequests();
    const exiting = run(
      process.execPath,
      [
        '--input-type=module',
        '--eval',
        `import { createTokenManager, optionsFromEnv } from 'tt-token-manager';
         createTokenManager(optionsFromEnv()).getToken();
         process.stdin.once('data', () => process.exit(0));`,
      ],
      { env: scene.environment, timeout: 120_000, cwd: pathOf('.') },
    );
    await scene.tt.waitForTokenRequests(1);
    expect(await scene.leftovers()).toContain('token.json.lock');
    exiting.child.stdin?.write('now\n');
    await exiting;
    expect(await scene.leftovers()).toEqual([]);
  });

  it('loads no crypto when it imports the package', async () => {
    const { stdout } = await run(
      process.execPath,
      [
        '--input-type=module',
        '--eval',
        `await import('tt-token-manager');
         console.log(JSON.stringify(process.moduleLoadList));`,
      ],
      { cwd: pathOf('.') },
    );
    expect(stdout).toContain('"NativeModule ');
    expect(stdout).not.toContain('"NativeModule crypto"');
  });
});
