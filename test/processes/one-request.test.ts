import { describe, expect, it } from 'vitest';
import { firstOf } from '../helpers/full.js';
import { setScene, together } from './scene.js';

describe('many processes on one token file', () => {
  it.each(firstOf(1, [16, 64]))(
    '%i processes share one token request on an empty file',
    async (count) => {
      const scene = await setScene({ latencyMs: 50 });
      const workers = await scene.start(count);
      const served = await Promise.all(workers.map((worker) => worker.get({ callers: 50 })));
      expect(together(served)).toEqual({ served: count * 50, tokens: [expect.any(String)] });
      expect(scene.tt.tokenRequests).toHaveLength(1);
      expect(await scene.leftovers()).toEqual([]);
    },
  );

  it('16 processes share one token request on an expired file', async () => {
    const scene = await setScene({ latencyMs: 50 });
    const old = await scene.storeToken(-1_000);
    const workers = await scene.start(16);
    const served = await Promise.all(workers.map((worker) => worker.get({ callers: 50 })));
    const { served: total, tokens } = together(served);
    expect(total).toBe(800);
    expect(tokens).toHaveLength(1);
    expect(tokens).not.toContain(old);
    expect(scene.tt.tokenRequests).toHaveLength(1);
  });

  it('16 processes share one token request when the API refuses their token in all at once', async () => {
    const scene = await setScene({ latencyMs: 50 });
    const workers = await scene.start(16);
    const [first] = together(await Promise.all(workers.map((worker) => worker.get()))).tokens;
    scene.tt.revoke(first ?? '');
    await Promise.all(workers.map((worker) => worker.invalidate(first ?? '')));
    const { tokens } = together(
      await Promise.all(workers.map((worker) => worker.get({ callers: 50 }))),
    );
    expect(tokens).toHaveLength(1);
    expect(tokens).not.toContain(first);
    expect(scene.tt.tokenRequests).toHaveLength(2);
    await Promise.all(workers.map((worker) => worker.invalidate(first ?? '')));
    await Promise.all(workers.map((worker) => worker.get()));
    expect(scene.tt.tokenRequests).toHaveLength(2);
  });

  it('16 processes share one failed attempt, and one more once its back-off is over', async () => {
    const scene = await setScene({ latencyMs: 50 });
    // Longer than the last of them needs to look again, on a busy machine.
    scene.tt.failNextTokenRequests({ status: 500, count: 1, retryAfterSeconds: 5 });
    const workers = await scene.start(16);
    const failed = await Promise.all(workers.map((worker) => worker.get({ callers: 10 })));
    const errors = failed.flatMap((result) => result.errors);
    expect(errors).toHaveLength(160);
    expect(
      new Set(
        errors.map(({ code, responseStatus, retryAt }) => `${code} ${responseStatus} ${retryAt}`),
      ).size,
    ).toBe(1);
    expect(scene.tt.tokenRequests).toHaveLength(1);

    const retryAt = errors[0]?.retryAt ?? 0;
    await expect.poll(() => Date.now()).toBeGreaterThan(retryAt);
    const served = await Promise.all(workers.map((worker) => worker.get({ callers: 10 })));
    expect(together(served).served).toBe(160);
    expect(scene.tt.tokenRequests).toHaveLength(2);
  });

  it('worker threads share one token request with each other and with processes', async () => {
    const scene = await setScene({ latencyMs: 50 });
    const workers = [...(await scene.start(4, { thread: true })), ...(await scene.start(4))];
    const served = await Promise.all(workers.map((worker) => worker.get({ callers: 50 })));
    expect(together(served)).toEqual({ served: 400, tokens: [expect.any(String)] });
    expect(scene.tt.tokenRequests).toHaveLength(1);
  });

  it('forced refreshes of 8 processes at the same time share one token request', async () => {
    const scene = await setScene({ latencyMs: 200 });
    const workers = await scene.start(8);
    await Promise.all(workers.map((worker) => worker.get()));
    const forced = await Promise.all(workers.map((worker) => worker.get({ forceRefresh: true })));
    expect(together(forced).served).toBe(8);
    const laterStarts = forced.filter(
      ({ startedAt }) => startedAt > (scene.tt.tokenRequests[1]?.at ?? 0),
    );
    // One more for all who called while that request was on its way: its token is dated before their call.
    expect(scene.tt.tokenRequests.length).toBeLessThanOrEqual(3 + laterStarts.length);
  });
});
