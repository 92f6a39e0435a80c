// `npm run test:matrix [cell ...]`: uses the packed package in each runtime, bundler, test tool and installer.
// A cell is named by its name or the start of it: `runtimes`, `bundles/esbuild`. Two run at a time, after
// those that need the machine for themselves.
import bundles from './bundles/cells.mjs';
import installs from './installs/cells.mjs';
import frameworks from './frameworks/cells.mjs';
import generated from './generated/cells.mjs';
import { createCache } from './lib/cache.mjs';
import { installPackage } from './lib/package.mjs';
import { createPlaces } from './lib/places.mjs';
import next from './next/cells.mjs';
import recipes from './recipes/cells.mjs';
import runtimes from './runtimes/cells.mjs';
import testTools from './test-tools/cells.mjs';
import types from './types/cells.mjs';
import windowsCells from './windows/cells.mjs';
import { createWindows } from './windows/wine.mjs';
import workflows from './workflows/cells.mjs';

// The longest first, so that the last to end is a short one.
const all = [
  ...windowsCells,
  ...next,
  ...bundles,
  ...generated,
  ...runtimes,
  ...testTools,
  ...frameworks,
  ...recipes,
  ...installs,
  ...types,
  ...workflows,
];

function chosenCells(names) {
  for (const name of names) {
    if (!all.some((cell) => cell.name.startsWith(name))) {
      throw new Error(`no cell ${name}; there are:\n${all.map((cell) => cell.name).join('\n')}`);
    }
  }
  if (names.length === 0) return all;
  return all.filter((cell) => names.some((name) => cell.name.startsWith(name)));
}

/** Runs a cell and prints its line; gives its verdict. A check that cannot be made here gives why, as a text. */
async function runCell({ name, check }, context) {
  const startedAt = performance.now();
  const { verdict, said } = await check(context).then(
    (reason) => (reason ? { verdict: 'skips', said: reason } : { verdict: 'passes' }),
    (error) => ({ verdict: 'FAILS', said: error.message }),
  );
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1).padStart(5);
  console.log(`${verdict.padEnd(6)} ${seconds} s  ${name}`);
  if (said) console.log(`       ${said.trim().replaceAll('\n', '\n       ')}`);
  return verdict;
}

async function runAll(cells, context) {
  const waiting = cells.filter(({ isAlone }) => !isAlone);
  const results = [];
  async function takeTurns() {
    for (let cell = waiting.shift(); cell; cell = waiting.shift()) {
      results.push(await runCell(cell, context));
    }
  }
  for (const cell of cells.filter(({ isAlone }) => isAlone)) {
    results.push(await runCell(cell, context));
  }
  await Promise.all([takeTurns(), takeTurns()]);
  return (verdict) => results.filter((one) => one === verdict).length;
}

// Each program and folder has a listener that ends it with this process.
process.setMaxListeners(0);
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
const cells = chosenCells(process.argv.slice(2));
const places = createPlaces();
// Whatever a tool leaves in its temporary folder is removed with it.
process.env.TMPDIR = await places.empty();
const installed = await installPackage(await places.empty());
const install = createCache();
const windows = createWindows(install);
const count = await runAll(cells, { installed, places, install, windows });
await windows.close();
const skipped = count('skips');
const summary = `${count('passes')} passed, ${count('FAILS')} failed`;
console.log(skipped === 0 ? summary : `${summary}, ${skipped} skipped`);
process.exitCode = count('FAILS') === 0 ? 0 : 1;
