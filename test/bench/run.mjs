// The runner: scenarios one after the other, progress on stderr, the report on stdout, the charts in results.svg and growth.svg.
import { writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { drawRatios } from './lib/chart.ts';
import { drawGrowth } from './lib/growth-chart.ts';
import { isFault, summary, table, verdict } from './lib/report.ts';
import { createStage } from './lib/stage.mjs';
import * as cachedGetToken from './scenarios/cached-get-token.mjs';
import * as cachedOverhead from './scenarios/cached-overhead.mjs';
import * as endpointDown from './scenarios/endpoint-down.mjs';
import * as installSize from './scenarios/install-size.mjs';
import * as late401s from './scenarios/late-401s.mjs';
import * as loopback from './scenarios/loopback.mjs';
import * as managersOnRedis from './scenarios/managers-on-redis.mjs';
import * as manyIdentities from './scenarios/many-identities.mjs';
import * as manyProcesses from './scenarios/many-processes.mjs';
import * as noToken from './scenarios/no-token.mjs';
import * as refresh from './scenarios/refresh.mjs';
import * as refresherKilled from './scenarios/refresher-killed.mjs';
import * as startUp from './scenarios/start-up.mjs';
import * as steadyLoad from './scenarios/steady-load.mjs';
import * as thousandRefreshes from './scenarios/thousand-refreshes.mjs';
import * as threads from './scenarios/threads.mjs';
import * as waiting from './scenarios/waiting.mjs';

const scenarios = [
  cachedOverhead,
  loopback,
  cachedGetToken,
  noToken,
  late401s,
  manyProcesses,
  threads,
  manyIdentities,
  managersOnRedis,
  waiting,
  refresh,
  thousandRefreshes,
  refresherKilled,
  steadyLoad,
  endpointDown,
  startUp,
  installSize,
];
/** Those of `--ci`, which fails on a wrong count, and on some ratios beyond twice their bars. */
const inCi = [
  ...['cached-overhead', 'no-token', 'late-401s', 'many-processes', 'refresher-killed'],
  ...['refresh', 'start-up'],
];

// However it ends, its stage clears itself; it does not outlive bench.mjs.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
process.once('disconnect', () => process.exit(1));
process.channel?.unref();

const { values, positionals } = parseArgs({
  options: {
    full: { type: 'boolean', default: false },
    ci: { type: 'boolean', default: false },
  },
  allowPositionals: true,
});
const names = scenarios.map(({ name }) => name);
const unknown = positionals.filter((name) => !names.includes(name));
if (unknown.length > 0) {
  console.error(`unknown: ${unknown.join(', ')}; the scenarios are ${names.join(', ')}`);
  process.exit(2);
}
const wanted = values.ci && positionals.length === 0 ? inCi : positionals;
const chosen = scenarios.filter(({ name }) => wanted.length === 0 || wanted.includes(name));

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

/** Other work on a machine of CI may spoil a ratio: one that is far off is measured once more. */
async function reportOf(scenario) {
  const report = await runScenario(scenario);
  const isCountWrong = faultsOf(scenario, report, { isInCi: false }).length > 0;
  if (isCountWrong || faultsOf(scenario, report, { isInCi: values.ci }).length === 0) return report;
  return runScenario(scenario);
}

function faultsOf({ name }, { rows }, options) {
  return rows.flatMap(({ label, cells, checks = [] }) => {
    const broken = checks.filter((check) => isFault(check, options));
    return broken.length > 0 ? [`${name}: ${label} ${cells.join(', ')}; ${verdict(broken)}`] : [];
  });
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
    const report = await reportOf(scenario);
    const { columns, rows, note } = report;
    const lines = rows.map(({ label, cells, checks }) => [label, ...cells, verdict(checks)]);
    console.log(`\n## ${title}\n\n${table([[...columns, 'bar'], ...lines])}\n\n${note}`);
    reports.push({ title, rows });
    faults.push(...faultsOf(scenario, report, { isInCi: values.ci }));
  } catch (error) {
    faults.push(`${name}: ${error.stack}`);
  }
}

console.log(`\n## In short\n\n${summary(reports)}\n\nLoad ${load()} at the end.`);
if (reports.length === scenarios.length) {
  const rows = reports.flatMap((report) => report.rows);
  const caption = `${machine}, ${day}`;
  await writeFile(new URL('results.svg', import.meta.url), drawRatios(rows, caption));
  await writeFile(new URL('growth.svg', import.meta.url), drawGrowth(rows, caption));
}
for (const fault of faults) console.error(`FAILED ${fault}`);
process.exitCode = faults.length > 0 ? 1 : 0;
