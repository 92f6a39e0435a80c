// What each runtime has to do with the package, a step each.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { lastJson, start, succeed, successOf, untilPrinted } from '../lib/processes.mjs';
import { startProxy } from '../lib/proxy.mjs';
import { shareOneToken, startStandIn, variablesOf } from '../lib/stand-in.mjs';

/** Runs what needs a stand-in and a token file of its own. */
async function withStandIn({ installed, places }, use) {
  const tt = await startStandIn(installed);
  const folder = await places.empty();
  try {
    return await use(tt, variablesOf(tt, join(folder, 'token.json')), folder);
  } finally {
    await tt.close();
  }
}

async function subpaths({ runtime, project, installed }) {
  const [imported, required] = await Promise.all(
    ['subpaths.mjs', 'subpaths.cjs'].map((name) =>
      succeed(runtime.file, [...runtime.args(project), join(project, name), ...installed.subpaths]),
    ),
  );
  const names = lastJson(imported);
  assert.deepEqual(lastJson(required), names);
  assert.deepEqual(Object.keys(names), installed.subpaths);
  for (const subpath of installed.subpaths) assert.notDeepEqual(names[subpath], [], subpath);
}

/** A program that checks by itself. */
const program = (name) =>
  function passes(context) {
    const { runtime, project } = context;
    return withStandIn(context, (tt, env, folder) =>
      succeed(runtime.file, [...runtime.args(folder), join(project, name)], { cwd: project, env }),
    );
  };

const fourProcesses = (name) =>
  function share({ runtime, project, installed, places }) {
    const args = (folder) => [...runtime.args(folder), join(project, name)];
    return shareOneToken({ installed, places, file: runtime.file, args });
  };

/** Three processes wait for the lock of one that is killed: one of them asks, at once. */
function killedHolder(context) {
  const { runtime, project } = context;
  return withStandIn(context, async (tt, env, folder) => {
    const begin = (name) =>
      start(runtime.file, [...runtime.args(folder), join(project, name)], { cwd: folder, env });
    const holder = begin('holder.mjs');
    await untilPrinted(holder);
    const others = [1, 2, 3].map(() => begin('share.mjs'));
    await Promise.all(others.map((other) => untilPrinted(other)));
    holder.end();
    const killedAt = Date.now();
    await Promise.all(others.map(successOf));
    const tookMs = Date.now() - killedAt;
    assert.equal(tt.tokenRequests.length, 1);
    assert.ok(tookMs < 1_500, `the last was served ${tookMs} ms after the kill`);
  });
}

function command(context) {
  const { runtime, project } = context;
  return withStandIn(context, async (tt, env, folder) => {
    const file = join(project, 'node_modules', 'tt-token-manager', 'dist', 'tt-token.js');
    const call = (...options) =>
      succeed(runtime.file, [...runtime.args(folder), file, ...options], { cwd: folder, env });
    const { success, token } = lastJson(await call('--output', 'json', '--show'));
    assert.deepEqual([success, token], [true, tt.tokenRequests[0].accessToken]);
    assert.equal(lastJson(await call('--verify', '--output', 'json')).valid, true);
    assert.equal(tt.tokenRequests.length, 1);
  });
}

/** The command and its doctor ask through the proxy of the environment, where the runtime can. */
function behindProxy(context) {
  const { runtime, project } = context;
  if (!runtime.hasProxies) return undefined;
  return withStandIn(context, async (tt, env, cwd) => {
    const proxy = await startProxy();
    const file = join(project, 'node_modules', 'tt-token-manager', 'dist', 'tt-token.js');
    const call = (...options) =>
      succeed(runtime.file, [file, ...options], { cwd, env: { ...env, HTTP_PROXY: proxy.url } });
    try {
      await call();
      const passed = proxy.passed();
      assert.ok(passed > 0, 'the token request did not go through the proxy');
      assert.match(await call('doctor'), /answers through the proxy/);
      assert.ok(proxy.passed() > passed, 'the doctor did not look through the proxy');
      assert.equal(tt.tokenRequests.length, 1);
    } finally {
      proxy.close();
    }
  });
}

/** All steps by name. */
export const steps = {
  subpaths,
  'clients, ESM': program('clients.mjs'),
  'clients, CJS': program('clients.cjs'),
  'four processes, ESM': fourProcesses('share.mjs'),
  'four processes, CJS': fourProcesses('share.cjs'),
  'killed holder': killedHolder,
  'worker threads': program('threads.mjs'),
  encryption: program('encryption.mjs'),
  command,
  'command behind a proxy': behindProxy,
};
