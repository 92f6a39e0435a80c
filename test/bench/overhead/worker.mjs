// One client in one process: sends as many requests as the parent asks for, and reports what they took.
import { PerformanceObserver } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSender } from './clients.mjs';

const [client, variant] = process.argv.slice(2);
const send = await createSender(client, variant);

async function sendMany(count) {
  let answered = 0;
  for (let i = 0; i < count; i++) if ((await send()) === 200) answered++;
  if (answered !== count) throw new Error(`only ${answered} of ${count} requests were answered`);
}

/** Nanoseconds per request. */
async function time(count) {
  const startedAt = process.hrtime.bigint();
  await sendMany(count);
  return Number(process.hrtime.bigint() - startedAt) / count;
}

/** Heap growth per request, in windows in which no garbage was collected. */
async function allocate(count) {
  let collections = 0;
  const observer = new PerformanceObserver((list) => {
    collections += list.getEntries().length;
  });
  observer.observe({ entryTypes: ['gc'] });
  await sendMany(3_000);
  const windows = [];
  for (let round = 0; round < 5; round++) {
    globalThis.gc();
    await sleep(20);
    collections = 0;
    const before = process.memoryUsage().heapUsed;
    await sendMany(count);
    const after = process.memoryUsage().heapUsed;
    await sleep(20);
    if (collections === 0) windows.push((after - before) / count);
  }
  observer.disconnect();
  return windows;
}

const tasks = { time, allocate };

process.on('message', async ({ task, count }) => process.send(await tasks[task](count)));
process.on('disconnect', () => process.exit());
process.send('ready');
