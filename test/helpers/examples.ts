import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { startFakeTT, type FakeTT } from '../../src/testing/index.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What became of an example. */
export interface Ended {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs an example as its reader would, with nothing but the given variables. */
export function run(
  example: string,
  variables: NodeJS.ProcessEnv,
  timeout = 25_000,
): Promise<Ended> {
  const { PATH, HOME, TMPDIR } = process.env;
  const env = { PATH, HOME, TMPDIR, ...variables };
  const script = join('examples', example);
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ['--import', 'tsx', script],
      { cwd: root, env, timeout },
      (_error, stdout, stderr) => resolve({ exitCode: child.exitCode ?? -1, stdout, stderr }),
    );
  });
}

/** A stand-in, the variables that lead to it, and the folder of the token file; gone after the test. */
export async function setUp(): Promise<{
  tt: FakeTT;
  folder: string;
  variables: NodeJS.ProcessEnv;
}> {
  const tt = await startFakeTT();
  const folder = await mkdtemp(join(tmpdir(), 'tt-examples-'));
  onTestFinished(async () => {
    await tt.close();
    await rm(folder, { recursive: true, force: true });
  });
  const variables = {
    TT_API_KEY: tt.apiKey,
    TT_API_SECRET: tt.apiSecret,
    TT_APP_NAME: 'My App',
    TT_COMPANY_NAME: 'Acme Co',
    TT_BASE_URL: tt.url,
    TT_TOKEN_FILE: join(folder, 'token.json'),
  };
  return { tt, folder, variables };
}
