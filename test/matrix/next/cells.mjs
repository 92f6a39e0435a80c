// A team's site on Next.js: its pages build, all of them and its server share one token request, and none fails.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../lib/free-port.mjs';
import { start, succeed, untilPrinted } from '../lib/processes.mjs';
import { startStandIn, variablesOf } from '../lib/stand-in.mjs';

const app = fileURLToPath(new URL('app', import.meta.url));
const NAMES = 'FAKE-A FAKE-B FAKE-C';

/** The page without the comments that React puts between texts. */
async function textOf(url, init) {
  const response = await fetch(url, init);
  const text = await response.text();
  assert.equal(response.status, 200, `${url}: ${response.status} ${text}`);
  return text.replaceAll('<!-- -->', '');
}

/** Sends a page's form as a browser without scripts does, and follows where the action sends it. */
async function submit(url, origin) {
  const page = await textOf(url);
  const body = new FormData();
  for (const [, name, value = ''] of page.matchAll(
    /<input type="hidden" name="([^"]+)"(?: value="([^"]*)")?/g,
  )) {
    body.append(name, value.replaceAll('&quot;', '"'));
  }
  return textOf(url, { method: 'POST', body, headers: { origin } });
}

async function useServer(origin) {
  assert.match(await textOf(`${origin}/prerendered`), new RegExp(`prerendered ${NAMES}`));
  assert.match(await textOf(`${origin}/revalidated`), new RegExp(`revalidated ${NAMES}`));
  assert.deepEqual(JSON.parse(await textOf(`${origin}/api`)), { markets: NAMES });
  assert.match(await submit(`${origin}/action`, origin), new RegExp(`action ${NAMES}`));
}

async function check({ installed, install, places }) {
  const set = await install('next');
  const project = await places.project(set, installed, app);
  const tt = await startStandIn(installed, { latencyMs: 200 });
  const ours = variablesOf(tt, join(await places.empty(), 'token.json'));
  const env = { ...process.env, ...ours, NEXT_TELEMETRY_DISABLED: '1', MATRIX_SET: set };
  const next = join(set, 'node_modules/next/dist/bin/next');
  let server;
  try {
    await succeed(process.execPath, [next, 'build'], { cwd: project, env });
    const prerendered = join(project, '.next/server/app/prerendered.html');
    assert.match(await readFile(prerendered, 'utf8'), /FAKE-A/, 'the page was not prerendered');
    const port = String(await freePort());
    const args = [next, 'start', '--hostname', '127.0.0.1', '--port', port];
    server = start(process.execPath, args, { cwd: project, env });
    await untilPrinted(server, 'Ready');
    await useServer(`http://127.0.0.1:${port}`);
    assert.equal(tt.tokenRequests.length, 1);
    assert.doesNotMatch(server.printed.stderr, /error/i);
  } finally {
    server?.end();
    await tt.close();
  }
}

export default [{ name: 'next/site', check }];
