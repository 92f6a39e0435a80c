// The package's own stand-in, as packed, and what programs that use it have to show.
import assert from 'node:assert/strict';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { lastJson, succeed } from './processes.mjs';

/** Starts the stand-in of the installed package. */
export async function startStandIn({ modules }, options) {
  const path = join(modules, 'tt-token-manager', 'dist', 'testing.js');
  const { startFakeTT } = await import(pathToFileURL(path).href);
  return startFakeTT(options);
}

/** The variables that a program reads with `optionsFromEnv()`. */
export function variablesOf({ apiKey, apiSecret, url }, tokenFile) {
  return {
    PATH: process.env.PATH,
    HOME: join(tokenFile, '..'),
    TT_API_KEY: apiKey,
    TT_API_SECRET: apiSecret,
    TT_APP_NAME: 'Matrix',
    TT_COMPANY_NAME: 'Tests',
    TT_BASE_URL: url,
    TT_TOKEN_FILE: tokenFile,
  };
}

/**
 * Runs a program in four processes that start at once without a token. Each prints
 * `{ "storeFailures": [], "listeners": [] }` as its last line; together they make one token request.
 */
export async function shareOneToken({ installed, places, file, args }) {
  const tt = await startStandIn(installed, { latencyMs: 500 });
  const folder = await places.empty();
  const env = variablesOf(tt, join(folder, 'token.json'));
  try {
    const programs = [1, 2, 3, 4].map(() => succeed(file, args(folder), { cwd: folder, env }));
    const seen = (await Promise.all(programs)).map(lastJson);
    checkShared(tt, seen);
  } finally {
    await tt.close();
  }
}

/** Checks what processes on one token file have seen. */
export function checkShared(tt, seen) {
  const expected = JSON.stringify({ storeFailures: [], listeners: [] });
  const others = new Set(seen.map((one) => JSON.stringify(one)));
  others.delete(expected);
  assert.ok(others.size === 0, [...others].join('\n'));
  assert.equal(tt.tokenRequests.length, 1, `${tt.tokenRequests.length} token requests, not 1`);
}
