// What the package has to do on Windows: requests are counted, and never a time.
import assert from 'node:assert/strict';
import { lastJson, successOf } from '../lib/processes.mjs';
import { startBarrier } from './barrier.mjs';

async function subpaths({ startNode, installed }) {
  const [imported, required] = await Promise.all(
    ['subpaths.mjs', 'subpaths.cjs'].map((name) =>
      successOf(startNode([name, ...installed.subpaths])),
    ),
  );
  assert.deepEqual(lastJson(required), lastJson(imported));
  assert.deepEqual(Object.keys(lastJson(imported)), installed.subpaths);
}

/** A program that checks by itself. */
const program = (name) => (scene) => successOf(scene.startNode([name]));

/** Runs processes that meet; gives what each printed. */
async function runTogether({ startNode }, programs, onMeeting) {
  const barrier = await startBarrier(programs.length, onMeeting);
  const started = programs.map((args) => startNode(args, { MATRIX_BARRIER: barrier.url }));
  try {
    return await Promise.all(started.map(successOf));
  } finally {
    for (const { end } of started) end();
    barrier.close();
  }
}

/** In each phase one token request among all of them, one token for all, and no failure of the store. */
const many = (count) =>
  async function share(scene) {
    const { tt } = scene;
    tt.configure({ tokenLifetimeSeconds: 6 });
    const phases = {};
    const note = (name, requests) => (phases[name] = (phases[name] ?? 0) + requests);
    let current;
    let before = 0;
    function closePhase() {
      if (current) note(current, tt.tokenRequests.length - before);
      before = tt.tokenRequests.length;
    }
    function onMeeting(name) {
      if (!name.endsWith('-ready')) return;
      closePhase();
      current = name.replace('-ready', '');
      if (current === 'expired') tt.configure({ tokenLifetimeSeconds: 3_600 });
    }
    const programs = Array.from({ length: count }, () => ['many.mjs']);
    const seen = (await runTogether(scene, programs, onMeeting)).map(lastJson);
    closePhase();
    const extra = Object.entries(phases).filter(([, requests]) => requests !== 1);
    const storeFailures = seen.flatMap((one) => one.storeFailures);
    const listeners = seen.flatMap((one) => one.listeners);
    const expected = { requests: 13, extra: [], storeFailures: [], listeners: [] };
    assert.deepEqual(
      { requests: tt.tokenRequests.length, extra, storeFailures, listeners },
      expected,
    );
    const tokens = new Set(seen.map((one) => JSON.stringify(one.tokens)));
    assert.equal(tokens.size, 1, 'the processes have different tokens');
  };

function replacedUnderReaders(scene) {
  const reader = ['replacing.mjs', 'read'];
  return runTogether(scene, [['replacing.mjs', 'write'], reader, reader, reader, reader]);
}

/** Four processes wait for the lock of one that is killed: one of them asks. */
async function killedHolder({ tt, startNode }) {
  let kill;
  const waiters = 4;
  const held = await startBarrier(waiters + 1);
  // The holder does not come to this one.
  const asked = await startBarrier(waiters, () => kill());
  const env = { MATRIX_BARRIER: held.url, MATRIX_ASKED: asked.url };
  const holder = startNode(['holder.mjs'], env);
  kill = holder.end;
  const others = Array.from({ length: waiters }, () => startNode(['waiter.mjs'], env));
  try {
    const seen = (await Promise.all(others.map(successOf))).map(lastJson);
    for (const one of seen) assert.deepEqual(one, { storeFailures: [], listeners: [] });
    assert.equal(tt.tokenRequests.length, 1);
  } finally {
    for (const { end } of [holder, ...others]) end();
    held.close();
    asked.close();
  }
}

/** All steps by name. */
export const steps = {
  subpaths,
  'clients, ESM': program('clients.mjs'),
  'clients, CJS': program('clients.cjs'),
  encryption: program('encryption.mjs'),
  'worker threads': program('threads.mjs'),
  '4 processes': many(4),
  '8 processes': many(8),
  '16 processes': many(16),
  'a file replaced under readers': replacedUnderReaders,
  'killed holder': killedHolder,
  'killed at each operation': program('killed-at-each.mjs'),
};
