import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { setScene } from './scene.js';

describe('the token endpoint is down', () => {
  it('while the old token is valid no caller fails, and one attempt is made per back-off step', async () => {
    const scene = await setScene({ tokenLifetimeSeconds: 10 });
    const workers = await scene.start(4);
    await Promise.all(workers.map((worker) => worker.get()));
    scene.tt.failNextTokenRequests({ status: 500, count: Infinity });
    const [first] = scene.tt.tokenRequests;
    const expiresAt = (first?.at ?? 0) + 10_000;

    let served = 0;
    while (Date.now() < expiresAt - 1_500) {
      const results = await Promise.all(workers.map((worker) => worker.get({ callers: 50 })));
      // A busy machine may take longer than the rest of the token's life.
      if (Date.now() >= expiresAt) break;
      for (const result of results) expect(result.errors).toEqual([]);
      await pause(20);
      served += results.reduce((sum, result) => sum + result.served, 0);
    }
    expect(served).toBeGreaterThanOrEqual(200);
    // Ageing starts at 5 s; the steps of the back-off are 0.8 s at the shortest, then 1.6 s and 3.2 s. At the expiry
    // one more is due.
    const attempts = scene.tt.tokenRequests.filter(({ at }) => at < expiresAt).length - 1;
    expect(attempts).toBeGreaterThanOrEqual(1);
    expect(attempts).toBeLessThanOrEqual(3);
  });

  it('an unreachable endpoint costs at most three requests an attempt, told with retryAt', async () => {
    const scene = await setScene();
    scene.tt.faultNextTokenRequests({ fault: 'reset', count: Infinity });
    const workers = await scene.start(4);
    const results = await Promise.all(workers.map((worker) => worker.get({ callers: 50 })));
    const errors = results.flatMap((result) => result.errors);
    expect(errors).toHaveLength(200);
    expect(new Set(errors.map(({ code }) => code))).toEqual(new Set(['TOKEN_REQUEST_FAILED']));
    expect(errors.every(({ retryAt = 0 }) => retryAt > 0)).toBe(true);
    expect(scene.tt.tokenRequests).toHaveLength(3);
  });
});
