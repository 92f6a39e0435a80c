// Next.js: a route handler in a standalone build, served by four processes.
import assert from 'node:assert/strict';
import { cp } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../lib/free-port.mjs';
import { start, succeed, untilPrinted } from '../lib/processes.mjs';
import { checkShared, startStandIn, variablesOf } from '../lib/stand-in.mjs';

const programs = fileURLToPath(new URL('next-app', import.meta.url));

/** Starts a server; resolves with it and its URL when it says that it is ready. */
async function serve(file, env) {
  const port = await freePort();
  const more = { PORT: String(port), HOSTNAME: '127.0.0.1', NODE_ENV: 'production' };
  const server = start(process.execPath, [file], { env: { ...env, ...more } });
  await untilPrinted(server, 'Ready');
  return { ...server, url: `http://127.0.0.1:${port}/token` };
}

async function ask({ url, printed }) {
  const response = await fetch(url);
  const text = await response.text();
  assert.equal(response.status, 200, `${response.status} ${text}\n${printed.stderr}`);
  return JSON.parse(text);
}

/** Builds with the bundler that the flag names, and runs the build away from its folder. */
export async function checkNext(flag, { installed, install, places }) {
  const set = await install('next');
  const project = await places.project(set, installed, programs);
  const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1', MATRIX_SET: set };
  const next = join(set, 'node_modules/next/dist/bin/next');
  await succeed(process.execPath, [next, 'build', flag], { cwd: project, env });
  const away = await places.empty();
  await cp(join(project, '.next/standalone'), away, { recursive: true, verbatimSymlinks: true });

  const tt = await startStandIn(installed, { latencyMs: 500 });
  const variables = variablesOf(tt, join(await places.empty(), 'token.json'));
  const servers = [];
  try {
    const file = join(away, relative(set, project), 'server.js');
    servers.push(...(await Promise.all([1, 2, 3, 4].map(() => serve(file, variables)))));
    checkShared(tt, await Promise.all(servers.map(ask)));
  } finally {
    for (const server of servers) server.end();
    await tt.close();
  }
}
