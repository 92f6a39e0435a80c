// Clients that are generated from a document of TT's paths: they compile without a cast, and a 401 is replayed.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { succeed } from '../lib/processes.mjs';
import { startStandIn, variablesOf } from '../lib/stand-in.mjs';

const programs = fileURLToPath(new URL('programs', import.meta.url));

const clients = [
  'openapi-fetch',
  'hey-api fetch',
  'hey-api axios',
  'hey-api ky',
  'orval fetch',
  'orval axios',
];

const compilerOptions = {
  target: 'es2022',
  module: 'esnext',
  moduleResolution: 'bundler',
  lib: ['es2022', 'dom', 'dom.iterable'],
  types: ['node'],
  strict: true,
  // The generated code, and what it imports, is not ours to mend.
  skipLibCheck: true,
  noEmit: true,
};

async function prepare({ install, installed, places }) {
  const set = await install('generated');
  const node = join(await install('runtimes'), 'node_modules/node-24/bin/node');
  const project = await places.project(set, installed, programs);
  const call = (path, ...args) =>
    succeed(node, [join(set, 'node_modules', path), ...args], { cwd: project });
  await call('@hey-api/openapi-ts/bin/run.js', '--file', 'openapi-ts.config.mjs', '--silent');
  await call('openapi-typescript/bin/cli.js', 'openapi.json', '--output', 'openapi-typescript.ts');
  await call('orval/dist/bin/orval.mjs', '--config', 'orval.config.mjs');
  return { set, node, project, call };
}

/** Revokes all tokens when it is asked. */
async function startRevoker(tt) {
  const server = createServer((request, response) => {
    tt.revokeAll();
    response.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}

async function check(context) {
  const { set, node, project, call } = await prepare(context);
  await writeFile(
    join(project, 'tsconfig.json'),
    JSON.stringify({ files: ['use.ts'], compilerOptions }),
  );
  await call('typescript/bin/tsc');
  await call('typescript-7/bin/tsc');

  const failures = [];
  for (const client of clients) {
    await use(client, context, { set, node, project }).catch((error) =>
      failures.push(`${client}: ${error.message}`),
    );
  }
  if (failures.length > 0) throw new Error(failures.join('\n'));
}

async function use(client, { installed }, { set, node, project }) {
  const tt = await startStandIn(installed);
  const revoker = await startRevoker(tt);
  try {
    const env = { ...variablesOf(tt, join(project, 'token.json')), MATRIX_REVOKE: revoker.url };
    const tsx = join(set, 'node_modules/tsx/dist/cli.mjs');
    await succeed(node, [tsx, 'use.ts', client], { cwd: project, env });
    assert.equal(tt.tokenRequests.length, 2);
  } finally {
    revoker.close();
    await tt.close();
  }
}

export default [{ name: 'generated/clients', check }];
