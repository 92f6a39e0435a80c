// The page is built without a secret, and served from a cache above the package's fetch.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ask, setUp, start, untilPrinted } from './recipe.mjs';

const { MATRIX_SET: set } = process.env;
// The packages are those of the set, some folders up.
const config = { outputFileTracingRoot: set, turbopack: { root: set } };
writeFileSync('next.config.mjs', `export default ${JSON.stringify(config)};`);
const next = join(set, 'node_modules/next/dist/bin/next');
const { tt, folder, variables } = await setUp();
const quiet = { PATH: variables.PATH, HOME: folder, NEXT_TELEMETRY_DISABLED: '1' };

const built = await start([next, 'build'], quiet).ended;
assert.equal(built.code, 0, built.stdout + built.stderr);
const server = start([next, 'start', '--hostname', '127.0.0.1', '--port', '0'], {
  ...quiet,
  ...variables,
});
const [, url] = await untilPrinted(server, /Local:\s+(http:\S+)/);
await untilPrinted(server, /Ready/);
for (let turn = 0; turn < 3; turn++) {
  const page = await ask(`${url}/markets`);
  assert.equal(page.status, 200, page.body + server.printed.stderr);
  assert.match(page.body, /FAKE-A FAKE-B FAKE-C/);
}
assert.equal(tt.tokenRequests.length, 1);
assert.equal(tt.requests.length, 1, 'the cache above does not hit');
server.child.kill('SIGTERM');
await server.ended;
await tt.close();
