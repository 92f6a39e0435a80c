// What the package adds to a request whose token is in memory, over a transport that never leaves the
// process. A client and the same client with the package take turns in slices, each in a process of its own;
// the ratios compare neighbours in time, so that a busy machine disturbs both alike.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath, URL } from 'node:url';

const slice = 1_000;
const launches = 2;
const turnsPerLaunch = 40;
const warmUp = 10_000;
const bars = {
  axios: { ratio: 1.15 },
  fetch: { ratio: 1.35, deltaNs: 2_000 },
  ky: { ratio: 1.2 },
};
/** A young generation that holds a whole window of requests. */
const bigNursery = ['--expose-gc', '--max-semi-space-size=512', '--min-semi-space-size=512'];

async function startWorker(client, variant, execArgv = []) {
  const worker = fork(fileURLToPath(new URL('worker.mjs', import.meta.url)), [client, variant], {
    execArgv,
  });
  worker.once('exit', (code) => {
    if (code) throw new Error(`the worker of ${variant} ${client} ended with ${code}`);
  });
  await once(worker, 'message');
  return {
    async run(task, count) {
      worker.send({ task, count });
      const [result] = await once(worker, 'message');
      return result;
    },
    async stop() {
      worker.disconnect();
      await once(worker, 'exit');
    },
  };
}

async function withWorkers(client, execArgv, use) {
  const workers = {
    bare: await startWorker(client, 'bare', execArgv),
    ours: await startWorker(client, 'ours', execArgv),
  };
  try {
    return await use(workers);
  } finally {
    await workers.bare.stop();
    await workers.ours.stop();
  }
}

/** Slices of a client, bare and ours, turn by turn. */
function timeTurns(client) {
  return withWorkers(client, [], async (workers) => {
    for (const worker of Object.values(workers)) await worker.run('time', warmUp);
    const turns = [];
    for (let turn = 0; turn < turnsPerLaunch; turn++) {
      const order = turn % 2 === 0 ? ['bare', 'ours'] : ['ours', 'bare'];
      const ns = {};
      for (const variant of order) ns[variant] = await workers[variant].run('time', slice);
      turns.push(ns);
    }
    return turns;
  });
}

function bytesAdded(client) {
  return withWorkers(client, bigNursery, async ({ bare, ours }) => {
    const oursBytes = median(await ours.run('allocate', 2_000));
    return oursBytes - median(await bare.run('allocate', 2_000));
  });
}

function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const below = sorted[Math.floor(at)];
  return below + (sorted[Math.ceil(at)] - below) * (at % 1);
}

function median(values) {
  return quantile(values, 0.5);
}

function whole(value) {
  return Math.round(value).toLocaleString('en-US');
}

function row(client, turns, bytes) {
  const ratios = turns.map(({ bare, ours }) => ours / bare);
  const deltas = turns.map(({ bare, ours }) => ours - bare);
  const bar = bars[client];
  const isMet =
    median(ratios) <= bar.ratio && (bar.deltaNs === undefined || median(deltas) < bar.deltaNs);
  const barText = `${bar.ratio.toFixed(2)}${bar.deltaNs ? ` and ${whole(bar.deltaNs)} ns` : ''}`;
  return [
    client,
    whole(median(turns.map(({ bare }) => bare))),
    whole(median(turns.map(({ ours }) => ours))),
    `+${whole(median(deltas))}`,
    `${median(ratios).toFixed(2)} (${quantile(ratios, 0.25).toFixed(2)}-${quantile(ratios, 0.75).toFixed(2)})`,
    `+${whole(bytes)}`,
    `${barText}: ${isMet ? 'met' : 'MISSED'}`,
  ];
}

const rows = [
  ['client', 'bare ns', 'with us ns', 'delta ns', 'ratio (p25-p75)', 'delta bytes', 'bar'],
  ['---', '---', '---', '---', '---', '---', '---'],
];
for (const client of Object.keys(bars)) {
  const turns = [];
  for (let launch = 0; launch < launches; launch++) turns.push(...(await timeTurns(client)));
  rows.push(row(client, turns, await bytesAdded(client)));
}
console.log(`Node ${process.version}, medians of ${launches * turnsPerLaunch} paired slices\n`);
for (const cells of rows) console.log(`| ${cells.join(' | ')} |`);
