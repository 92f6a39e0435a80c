// What the tests of a team have in common: the application under test, whatever the tool.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const MARKETS = '/ttpds/ext_uat_cert/markets';

/** A stand-in and a manager on it, in a file of its own; `storeFailures` tells what the store could not do. */
export async function createScene({ createTokenManager, startFakeTT }, options = {}) {
  const tt = await startFakeTT({ tokenLifetimeSeconds: 3_600 });
  const folder = await mkdtemp(join(tmpdir(), 'tt-matrix-tool-'));
  const manager = createTokenManager({
    apiKey: tt.apiKey,
    apiSecret: tt.apiSecret,
    baseUrl: tt.url,
    appName: 'Matrix',
    companyName: 'Tests',
    tokenFile: join(folder, 'token.json'),
    ...options,
  });
  const storeFailures = [];
  manager.on('storeFailed', ({ message }) => storeFailures.push(message));
  async function close() {
    await manager.close();
    await tt.close();
    await rm(folder, { recursive: true });
  }
  return { tt, manager, storeFailures, close };
}
