import { PerformanceObserver } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { median } from './statistics.ts';

const windows = 3;
const warmUp = 3_000;
const count = 2_000;

/** For a process whose young generation holds a whole window of requests. */
export const allocationFlags = [
  '--expose-gc',
  '--max-semi-space-size=512',
  '--min-semi-space-size=512',
];

/** Bytes by which the heap grows with each request, in windows in which no garbage was collected. */
export async function allocatedBytes(requestMany) {
  const collections = [];
  const observer = new PerformanceObserver((list) => collections.push(...list.getEntries()));
  observer.observe({ entryTypes: ['gc'] });
  await requestMany(warmUp);
  const grown = [];
  for (let window = 0; window < windows; window++) {
    globalThis.gc();
    const startedAt = performance.now();
    const before = process.memoryUsage().heapUsed;
    await requestMany(count);
    const after = process.memoryUsage().heapUsed;
    await sleep(20); // the observer is told a little later
    const isClean = collections.every(({ startTime }) => startTime < startedAt);
    if (isClean) grown.push((after - before) / count);
  }
  observer.disconnect();
  if (grown.length === 0) throw new Error('garbage was collected in every window');
  return median(grown);
}
