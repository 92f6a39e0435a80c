import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Sends at a fixed rate, however long the answers take. Each record tells when a call was sent, in
 * milliseconds since `startAt` (epoch ms), how long its answer took, and why it failed, if it did.
 */
export async function sendSteadily({ startAt, perSecond, durationMs, send }) {
  const start = performance.now() + (startAt - Date.now());
  const calls = Array.from({ length: (durationMs * perSecond) / 1_000 }, async (_, index) => {
    const dueMs = (index * 1_000) / perSecond;
    await sleep(Math.max(0, start + dueMs - performance.now()));
    const sentAt = performance.now();
    const failure = await send();
    return { sentMs: sentAt - start, tookMs: performance.now() - sentAt, failure };
  });
  return Promise.all(calls);
}
