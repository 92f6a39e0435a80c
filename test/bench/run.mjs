// The runner: scenarios one after the other, progress on stderr, the report on stdout, the chart in results.svg.
import { writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { drawRatios } from './lib/chart.ts';
import { summary, table, verdict } from './lib/report.ts';
import { createStage } from './lib/stage.mjs';
import * as cachedGetToken from './scenarios/cached-get-token.mjs';
import * as cachedOverhead from './scenarios/cached-overhead.mjs';
import * as endpointDown from './scenarios/endpoint-down.mjs';
import * as installSize from './scenarios/install-size.mjs';
import * as late401s from './scenarios/late-401s.mjs';
import * as manyProcesses from './scenarios/many-processes.mjs';
import * as noToken from './scenarios/no-token.mjs';
import * as refresherKilled from './scenarios/refresher-killed.mjs';
import * as startUp from './scenarios/start-up.mjs';
import * as steadyLoad from './scenarios/steady-load.mjs';

const scenarios = [
  cachedOverhead,
  cachedGetToken,
  noToken,
  late401s,
  manyProcesses,
  refresherKilled,
  steadyLoad,
  endpointDown,
  startUp,
  installSize,
];

// However it ends, its stage clears itself; it does not outlive bench.mjs.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
process.once('disconnect', () => process.exit(1));
process.channel?.unref();

const { values, positionals } = parseArgs({
  options: { full: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const names = scenarios.map(({ name }) => name);
const unknown = positionals.filter((name) => !names.includes(name));
if (unknown.length > 0) {
  console.error(`unknown: ${unknown.join(', ')}; the scenarios are ${names.join(', ')}`);
  process.exit(2);
}
const chosen = scenarios.filter(
  ({ name }) => positionals.length === 0 || positionals.includes(name),
);

async function runScenario({ name, run }) {
  const startedAt = performance.now();
  const progress = (text) => {
    const seconds = (performance.now() - startedAt) / 1_000;
    process.stderr.write(`${name}: ${text} (${seconds.toFixed(0)} s)\n`);
  };
  const stage = createStage();
  try {
    return await run({ isFull: values.full, progress, stage });
  } finally {
    await stage.close();
    progress('done');
  }
}

const load = () => loadavg()[0].toFixed(1);
const form = values.full ? 'full form' : 'short form';
const machine = `Node ${process.version}, ${availableParallelism()} x ${cpus()[0].model}, ${form}`;
const day = new Date().toISOString().slice(0, 10);
console.log(`# Benchmark\n\n${machine}, ${day}; load ${load()} at the start.`);

const reports = [];
const faults = [];
for (const scenario of chosen) {
  const { name, title } = scenario;
  try {
    const { columns, rows, note } = await runScenario(scenario);
    const lines = rows.map(({ label, cells, checks }) => [label, ...cells, verdict(checks)]);
    console.log(`\n## ${title}\n\n${table([[...columns, 'bar'], ...lines])}\n\n${note}`);
    reports.push({ title, rows });
    for (const { label, cells, checks = [] } of rows) {
      const broken = checks.filter(({ isExact, isMet }) => isExact && !isMet);
      if (broken.length > 0)
        faults.push(`${name}: ${label} ${cells.join(', ')}; ${verdict(broken)}`);
    }
  } catch (error) {
    faults.push(`${name}: ${error.stack}`);
  }
}

console.log(`\n## In short\n\n${summary(reports)}\n\nLoad ${load()} at the end.`);
if (reports.length === scenarios.length) {
  const rows = reports.flatMap((report) => report.rows);
  await writeFile(new URL('results.svg', import.meta.url), drawRatios(rows, `${machine}, ${day}`));
}
for (const fault of faults) console.error(`FAILED ${fault}`);
process.exitCode = faults.length > 0 ? 1 : 0;
