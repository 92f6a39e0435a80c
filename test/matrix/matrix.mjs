// `npm run test:matrix [cell ...]`: uses the packed package in each runtime, bundler, test tool and installer.
// A cell is named by its name or the start of it: `runtimes`, `bundles/esbuild`. Two run at a time.
import bundles from './bundles/cells.mjs';
import installs from './installs/cells.mjs';
import { createCache } from './lib/cache.mjs';
import { installPackage } from './lib/package.mjs';
import { createPlaces } from './lib/places.mjs';
import runtimes from './runtimes/cells.mjs';
import testTools from './test-tools/cells.mjs';
import types from './types/cells.mjs';

// The longest first, so that the last to end is a short one.
const all = [...bundles, ...runtimes, ...testTools, ...installs, ...types];

function chosenCells(names) {
  for (const name of names) {
    if (!all.some((cell) => cell.name.startsWith(name))) {
      throw new Error(`no cell ${name}; there are:\n${all.map((cell) => cell.name).join('\n')}`);
    }
  }
  return all.filter(
    (cell) => names.length === 0 || names.some((name) => cell.name.startsWith(name)),
  );
}

/** Runs a cell and prints its line; gives whether it passed. */
async function runCell({ name, check }, context) {
  const startedAt = performance.now();
  const failure = await check(context).then(
    () => undefined,
    (error) => error,
  );
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1).padStart(5);
  console.log(`${failure ? 'FAILS ' : 'passes'} ${seconds} s  ${name}`);
  if (failure) console.log(`       ${failure.message.trim().replaceAll('\n', '\n       ')}`);
  return failure === undefined;
}

async function runAll(cells, context) {
  const waiting = [...cells];
  const results = [];
  async function takeTurns() {
    for (let cell = waiting.shift(); cell; cell = waiting.shift()) {
      results.push(await runCell(cell, context));
    }
  }
  await Promise.all([takeTurns(), takeTurns()]);
  return results.filter((hasPassed) => !hasPassed).length;
}

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
const cells = chosenCells(process.argv.slice(2));
const places = createPlaces();
// Whatever a tool leaves in its temporary folder is removed with it.
process.env.TMPDIR = await places.empty();
const installed = await installPackage(await places.empty());
const failed = await runAll(cells, { installed, places, install: createCache() });
console.log(`${cells.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
