import { RateLimiterMemory } from 'rate-limiter-flexible';
import { beforeAll, describe, expect, it, vi } from 'vitest';

type Pacing = typeof import('../examples/pacing.js');
let pacing: Pacing;

// The example reads its quotas when it is loaded: 2 requests a second, 6 a day, of which 2 are kept for orders.
beforeAll(async () => {
  vi.stubEnv('REQUESTS_PER_SECOND', '2');
  vi.stubEnv('REQUESTS_PER_DAY', '6');
  vi.stubEnv('KEPT_FOR_ORDERS', '2');
  vi.stubEnv('POST_INTERVAL_SECONDS', '1');
  pacing = await import('../examples/pacing.js');
  return () => vi.unstubAllEnvs();
});

const newPacer = () => pacing.createPacer(new RateLimiterMemory({ points: 1, duration: 3 }));
const answered = () => Promise.resolve('answer');
const never = () => new Promise<string>(() => undefined);

describe('the pacer of examples/pacing.ts', () => {
  it("stops reports when the day's budget less the part of orders is spent, and orders at its end", async () => {
    const pacer = newPacer();
    const send = vi.fn(answered);
    for (let call = 0; call < 4; call++) await pacer.call('report', send);
    await expect(pacer.call('report', send)).rejects.toThrow('is spent for every report');
    for (let call = 0; call < 2; call++) await pacer.call('order', send);
    await expect(pacer.call('order', send)).rejects.toThrow('is spent for every order');
    expect(send).toHaveBeenCalledTimes(6);
  });

  it('gives places back a second after the arrival, though no answer has come', async () => {
    const pacer = newPacer();
    const sentAt: number[] = [];
    const startedAt = performance.now();
    const send = () => {
      sentAt.push(performance.now() - startedAt);
      return sentAt.length < 4 ? never() : answered();
    };
    for (let call = 0; call < 3; call++) void pacer.call('order', send);
    expect(await pacer.call('order', send)).toBe('answer');
    expect(sentAt).toHaveLength(4);
    expect((sentAt[2] ?? 0) - (sentAt[0] ?? 0)).toBeGreaterThan(950);
    // A call that dies with its process holds its place for 3 s.
    expect((sentAt[2] ?? 0) - (sentAt[0] ?? 0)).toBeLessThan(2_900);
  });

  it('lets a caller leave the line at once, and the others move up', async () => {
    const pacer = newPacer();
    await pacer.call('order', answered);
    await pacer.call('order', answered);
    const send = vi.fn(answered);
    const leaves = new AbortController();
    const left = [
      pacer.call('order', send, leaves.signal),
      pacer.call('order', send, leaves.signal),
    ].map((call) => expect(call).rejects.toMatchObject({ name: 'AbortError' }));
    const stays = pacer.call('order', answered);
    const startedAt = performance.now();
    leaves.abort();
    await Promise.all(left);
    expect(performance.now() - startedAt).toBeLessThan(700);
    expect(await stays).toBe('answer');
    expect(send).not.toHaveBeenCalled();
  });

  it('frees the place of a POST that leaves the line', async () => {
    const pacer = newPacer();
    await pacer.call('order', answered);
    await pacer.call('order', answered);
    const leaves = new AbortController();
    const left = pacer.post('order', answered, leaves.signal);
    leaves.abort();
    await expect(left).rejects.toMatchObject({ name: 'AbortError' });
    // It would be held for half a minute.
    expect(await pacer.post('order', answered)).toBe('answer');
  });
});
