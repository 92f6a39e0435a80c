import { readFile } from 'node:fs/promises';
import { setTimeout as last } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { setScene, together } from './scene.js';
import type { TestWorker } from './workers.js';
import { describeOn } from '../helpers/systems.js';

const timeoutMs = 1_500;

/** Stops processes, lets something happen meanwhile, and continues them when they have stood still for long enough. */
async function freeze(
  workers: readonly TestWorker[],
  ms: number,
  meanwhile: () => void,
): Promise<void> {
  for (const worker of workers) worker.signal('SIGSTOP');
  await expect.poll(() => Promise.all(workers.map(isStopped))).not.toContain(false);
  meanwhile();
  await last(ms);
  for (const worker of workers) worker.signal('SIGCONT');
}

async function isStopped({ pid }: TestWorker): Promise<boolean> {
  return /\) T /.test(await readFile(`/proc/${pid}/stat`, 'utf8'));
}

describeOn('linux')('a process that was frozen', () => {
  it('takes the answer that arrived meanwhile, later than a token request may take', async () => {
    const scene = await setScene();
    const worker = await scene.startOne({}, { timeoutMs });
    const release = scene.tt.holdTokenRequests();
    const call = worker.get({ callers: 50 });
    await scene.tt.waitForTokenRequests(1);
    await freeze([worker], timeoutMs + 1_000, release);
    expect(together([await call, await worker.get()])).toEqual({
      served: 51,
      tokens: [expect.any(String)],
    });
    expect(scene.tt.tokenRequests).toHaveLength(1);
  });

  it('tries again where its last try was reset meanwhile, and serves a call made after it', async () => {
    const scene = await setScene();
    const worker = await scene.startOne();
    scene.tt.faultNextTokenRequests({ fault: 'reset', count: 2 });
    const call = worker.get({ callers: 50 });
    await scene.tt.waitForTokenRequests(2);
    const release = scene.tt.holdTokenRequests();
    scene.tt.faultNextTokenRequests({ fault: 'reset', count: 1 });
    await scene.tt.waitForTokenRequests(3);
    await freeze([worker], 1_500, release);
    const late = worker.get({ callers: 50 });
    expect(together(await Promise.all([call, late]))).toEqual({
      served: 100,
      tokens: [expect.any(String)],
    });
    expect(scene.tt.tokenRequests).toHaveLength(4);
  });

  it('finds the token that another has fetched meanwhile, as all who waited with it', async () => {
    const scene = await setScene();
    const workers = await scene.start(6, {}, { timeoutMs });
    const release = scene.tt.holdTokenRequests();
    const calls = workers.map((worker) => worker.get({ callers: 50 }));
    await scene.tt.waitForTokenRequests(1);
    const refresher = scene.requester(workers);
    const waiting = workers.filter((worker) => worker !== refresher);
    await freeze(waiting, timeoutMs + 1_000, release);
    expect(together(await Promise.all(calls))).toEqual({
      served: 300,
      tokens: [expect.any(String)],
    });
    expect(scene.tt.tokenRequests).toHaveLength(1);
    expect(await scene.leftovers()).toEqual([]);
  });

  it('asks anew after a failure of before, whose back-off has passed meanwhile', async () => {
    const scene = await setScene();
    const worker = await scene.startOne();
    scene.tt.failNextTokenRequests({ status: 500, count: 1 });
    expect((await worker.get({ callers: 5 })).errors).toHaveLength(5);
    await freeze([worker], 1_500, () => undefined);
    expect((await worker.get({ callers: 5 })).served).toBe(5);
    expect(scene.tt.tokenRequests).toHaveLength(2);
  });
});
